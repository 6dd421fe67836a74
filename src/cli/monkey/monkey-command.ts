/** `weir monkey normal|offline|viewer`: lets monkeys loose on a set, and tells whether all came out well. */
import { defineCommand } from "citty";
import type { ReplicaStats } from "../../client/index.ts";
import { monkeyArguments, parseMonkeyOptions } from "./monkey-options.ts";
import type { MonkeyKind, MonkeyOptions } from "./monkey-options.ts";
import { MonkeyRun } from "./monkey-run.ts";
import type { MonkeyOutcome } from "./monkey-run.ts";
import { interruption } from "../interruption.ts";
import { showProgress } from "../progress.ts";

/** Listed when something is missing; more would not tell more. */
const MISSING_SHOWN_MAX = 10;

function commandOf(kind: MonkeyKind, description: string) {
  return defineCommand({
    meta: { description },
    args: monkeyArguments,
    async run({ args }) {
      const options = parseMonkeyOptions(kind, args);
      const interrupted = interruption();
      const run = new MonkeyRun(options);
      const startMs = performance.now();
      const endProgress = showProgress({
        done: () => (performance.now() - startMs) / options.durationMs,
        describe: () => `${countsText(run.stats)}, ${run.connected} connected`,
      });
      await run.run(interrupted);
      endProgress();
      const outcome = await run.judge();
      report(options, outcome);
      process.exitCode = isWell(options, outcome) ? 0 : 1;
    },
  });
}

/** A digest that was not the server's is a fault even though the replica read everything again and converged. */
function isWell({ replicas }: MonkeyOptions, { converged, missing, stats }: MonkeyOutcome): boolean {
  return converged === replicas && missing?.length === 0 && stats.resyncs === 0;
}

function report(options: MonkeyOptions, outcome: MonkeyOutcome): void {
  const { kind, replicas, seed, json } = options;
  const { stats, homecomings, converged, server, missing } = outcome;
  const digest = server === undefined ? "server not reached" : `digest ${server.digest}`;
  const home = kind === "offline" ? `, ${homecomings.converged}/${homecomings.all} homecomings converged` : "";
  const lost = missing === undefined ? "acked ops not checked" : `${missing.length} acked ops missing`;
  console.log(
    `${kind}: ${countsText(stats)}${home}, ${digest}, ${converged}/${replicas} converged, ${lost}, seed ${seed}`,
  );
  for (const op of missing?.slice(0, MISSING_SHOWN_MAX) ?? []) console.log(`  missing: ${JSON.stringify(op)}`);
  if (!json) return;
  const counted = { ...stats, homecomings, converged, replicas, server: server && proofOf(server) };
  console.log(JSON.stringify({ kind, set: options.set, seed, ...counted, missing, ok: isWell(options, outcome) }));
}

function proofOf({ offset, size, digest }: NonNullable<MonkeyOutcome["server"]>) {
  return { offset, size, digest };
}

function countsText({ ops, acknowledged, rejected, frames, reconnects, resyncs }: ReplicaStats): string {
  const refused = rejected === 0 ? "" : `, ${rejected} rejected`;
  return `${ops} ops, ${acknowledged} acked${refused}, ${frames} frames, ${reconnects} reconnects, ${resyncs} resyncs`;
}

export const monkeyCommand = defineCommand({
  meta: { description: "Let chaos monkeys loose on a set" },
  subCommands: {
    normal: commandOf("normal", "Adds and removes at random while connected"),
    offline: commandOf("offline", "Works offline for stretches, comes back, expects to converge"),
    viewer: commandOf("viewer", "Follows live, and checks each digest"),
  },
});
