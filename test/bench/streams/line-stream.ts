/**
 * A stream of lines through the TCP gateway, against the same algorithm in one Node process that keeps nothing: by turns
 * on the same machine, checked byte for byte, and what counts is the median of the rounds' ratios of their times. Ends
 * with code 1 if that is below the target or any line was wrong.
 *
 * Options: `--events N` (1000000), `--users N` (100), `--batch N` (100), `--rounds N` (3), `--json`.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { parseArgs } from "node:util";
import { peakMemoryMiB } from "../../support/process-usage.ts";
import { median, round2 } from "../measure.ts";
import { said } from "../said.ts";
import { startWeir } from "../servers.ts";

/** Of the peer's time, as a share of ours. */
const TARGET = 0.5;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    users: { type: "string", default: "100" },
    batch: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});

interface Walked {
  readonly seconds: number;
  readonly lines: number;
  readonly ok: boolean;
}

interface Ports {
  readonly sourcePort: string;
  readonly userPort: string;
}

/** A program of ours, and the first line on stdout that says something. */
async function run(words: readonly string[], says: RegExp): Promise<{ child: ChildProcess; match: RegExpExecArray }> {
  const child = spawn(process.execPath, [...words], { stdio: ["ignore", "pipe", "inherit"] });
  return { child, match: await said(child, says) };
}

async function walk({ sourcePort, userPort }: Ports, seed: number): Promise<Walked> {
  const { events, users, batch } = values;
  const sizes = ["--events", events, "--users", users, "--batch", batch, "--seed", String(seed), "--json"];
  const ports = ["--source-port", sourcePort, "--user-port", userPort];
  const { match } = await run(["src/cli/index.ts", "maze", ...sizes, ...ports], /^\{.*\}$/);
  return JSON.parse(match[0]) as Walked;
}

async function walkPeer(seed: number): Promise<Walked> {
  const { child, match } = await run(["test/bench/streams/line-peer.ts"], /^\{"sourcePort":(\d+),"userPort":(\d+)\}$/);
  const walked = await walk({ sourcePort: match[1] ?? "", userPort: match[2] ?? "" }, seed);
  child.kill();
  return walked;
}

async function walkWeir(url: string, seed: number): Promise<Walked & { readonly gatewayMiB: number }> {
  const ports = ["--source-port", "0", "--user-port", "0"];
  const words = ["src/cli/index.ts", "gateway", "--url", url, "--stream", `bench-${seed}`, ...ports];
  const { child, match } = await run(words, /event sources on \S+:(\d+), users on \S+:(\d+)/);
  const walked = await walk({ sourcePort: match[1] ?? "", userPort: match[2] ?? "" }, seed);
  const gatewayMiB = peakMemoryMiB(child.pid ?? 0);
  child.kill();
  return { ...walked, gatewayMiB };
}

const weir = await startWeir();
const rounds: { readonly ours: Walked & { readonly gatewayMiB: number }; readonly theirs: Walked }[] = [];
try {
  for (let round = 1; round <= Number(values.rounds); round++) {
    const theirs = await walkPeer(round);
    rounds.push({ ours: await walkWeir(weir.url, round), theirs });
  }
} finally {
  await weir.stop();
}
const rows = rounds.map(({ ours, theirs }) => ({
  "events/s": Math.round(Number(values.events) / ours.seconds),
  "peer's events/s": Math.round(Number(values.events) / theirs.seconds),
  lines: ours.lines,
  ratio: round2(theirs.seconds / ours.seconds),
  right: ours.ok && theirs.ok,
  "gateway MiB": ours.gatewayMiB,
}));
const ratio = median(rows.map((row) => row.ratio));
if (values.json) console.log(JSON.stringify({ ...values, target: TARGET, ratio, rows }, null, 2));
else {
  console.table(rows);
  console.log(`${ratio} of the peer's speed, target ${TARGET}`);
}
process.exit(ratio >= TARGET && rows.every(({ right }) => right) ? 0 : 1);
