/**
 * What it costs to watch requests: processor time per request of Weir as it is, and of Weir in whose bundle nothing is counted,
 * logged or told, by turns. `node test/bench/operations/observation-cost.ts [rounds] [words of a case's name]`
 *
 * Processor time of the runtime, from /proc, because a load generator on the same two cores makes wall-clock time say little.
 */
import { join } from "node:path";
import autocannon from "autocannon";
import { build } from "esbuild";
import type { Plugin } from "esbuild";
import { processorMs } from "../../support/process-usage.ts";
import { benchCases } from "../cases.ts";
import { median } from "../measure.ts";
import { startWeir } from "../servers.ts";
import type { BenchServer } from "../servers.ts";

const [, , roundsText = "9", filter = ""] = process.argv;
const rounds = Number(roundsText);
const CONNECTIONS = 64;
/** Short turns in an order of chance: what else happens on the machine then hits all contenders alike. */
const TURN_S = 1;

/** What stands in for the watching, so that the rest of the bundle is the same. */
const NOTHING: Readonly<Record<string, string>> = {
  "operations/observation.ts":
    'export class Observation { route; constructor() {} get id() { return ""; } end(response) { return response; } }',
  "operations/metrics.ts": ["Request", "Entries", "Commit", "TotalsReads", "Suppressed"]
    .map((what) => `export function count${what}() {}`)
    .concat('export function metricsText() { return ""; }')
    .join("\n"),
};

const unwatched: Plugin = {
  name: "unwatched",
  setup(bundler) {
    bundler.onLoad({ filter: /worker\/operations\/(?:observation|metrics)\.ts$/ }, ({ path }) => {
      const name = path.split("/").slice(-2).join("/");
      return { contents: NOTHING[name] ?? "", loader: "js" };
    });
  },
};

interface Contender {
  readonly name: string;
  readonly server: BenchServer;
}

async function start(
  name: string,
  plugins: readonly Plugin[],
  env: Readonly<Record<string, string>>,
): Promise<Contender> {
  const bundle = (root: string, outdir: string) =>
    build({
      entryPoints: [join(root, "src/worker/index.ts")],
      outdir,
      bundle: true,
      format: "esm",
      target: "es2024",
      external: ["cloudflare:*"],
      loader: { ".txt": "text" },
      mainFields: ["module", "main"],
      conditions: ["workerd"],
      plugins: [...plugins],
    });
  return { name, server: await startWeir({ bundle, env }) };
}

const contenders = [
  await start("unwatched", [unwatched], {}),
  await start("as it is", [], {}),
  await start("LOG_SAMPLE=1", [], { LOG_SAMPLE: "1" }),
];
const [floor] = contenders;

for (const { name, request, connections } of benchCases) {
  if (connections !== CONNECTIONS || !name.includes(filter)) continue;
  const costs = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders.toSorted(() => Math.random() - 0.5)) {
      const beforeMs = processorMs(contender.server.pid);
      const setupRequest = (template: autocannon.Request) => Object.assign(template, request());
      const { url } = contender.server;
      const requests = [{ ...request(), setupRequest }];
      const result = await autocannon({ url, connections, duration: TURN_S, requests });
      if (result.non2xx + result.errors > 0) throw new Error(`${name}: ${result.non2xx + result.errors} failed`);
      // The first round warms up.
      if (round === 0) continue;
      const us = (processorMs(contender.server.pid) - beforeMs) * 1_000;
      costs.get(contender)!.push(us / result.requests.total);
    }
  }
  const base = costs.get(floor!)!;
  for (const [contender, each] of costs) {
    const ratio = median(each.map((cost, round) => cost / (base[round] ?? NaN)));
    console.log(`${name} | ${contender.name} | ${median(each).toFixed(1)} us | ${((ratio - 1) * 100).toFixed(1)} %`);
  }
}
for (const { server } of contenders) await server.stop();
