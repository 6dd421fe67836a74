/**
 * `npm run bench`: each case and the floor in turn, round after round on the same machine, so that what disturbs one
 * disturbs both; what counts is the median of the rounds' ratios. Ends with code 1 if a ratio is below its target, or any
 * answer was not a 2xx.
 *
 * Options: `--rounds N` (5), `--seconds N` a measurement (3), `--only TEXT` cases with that in their names, `--json`.
 */
import { parseArgs } from "node:util";
import { benchCases } from "./cases.ts";
import type { BenchCase } from "./cases.ts";
import { measure, median } from "./measure.ts";
import type { Measured } from "./measure.ts";
import { startFloor, startWeir } from "./servers.ts";

interface Row {
  readonly case: string;
  readonly connections: number;
  readonly "requests/s": number;
  readonly "floor requests/s": number;
  readonly "p99 ms": number;
  readonly ratio: number;
  readonly target: number | undefined;
  readonly failures: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const [floor, weir] = await Promise.all([startFloor(), startWeir()]);
const rows: Row[] = [];
try {
  for (const benchCase of benchCases.filter(({ name }) => name.includes(values.only))) {
    rows.push(await run(benchCase));
    if (!values.json) console.log(summary(rows.at(-1)!));
  }
} finally {
  await Promise.all([floor.stop(), weir.stop()]);
}
if (values.json) console.log(JSON.stringify({ rounds, seconds, rows }, null, 2));
else console.table(rows);
const isGood = ({ ratio, target = 0, failures }: Row): boolean => ratio >= target && failures === 0;
process.exit(rows.length > 0 && rows.every(isGood) ? 0 : 1);

async function run({ name, connections, target, request }: BenchCase): Promise<Row> {
  const pairs: { readonly ours: Measured; readonly theirs: Measured }[] = [];
  const hello = () => ({ method: "GET", path: "/" }) as const;
  await measure({ url: weir.url, connections, seconds: 1, request });
  for (let round = 0; round < rounds; round++) {
    const theirs = await measure({ url: floor.url, connections, seconds, request: hello });
    const ours = await measure({ url: weir.url, connections, seconds, request });
    pairs.push({ ours, theirs });
  }
  return {
    case: name,
    connections,
    "requests/s": Math.round(median(pairs.map(({ ours }) => ours.requestsPerS))),
    "floor requests/s": Math.round(median(pairs.map(({ theirs }) => theirs.requestsPerS))),
    "p99 ms": median(pairs.map(({ ours }) => ours.latencyP99Ms)),
    ratio: round2(median(pairs.map(({ ours, theirs }) => ours.requestsPerS / theirs.requestsPerS))),
    target,
    failures: pairs.reduce((sum, { ours, theirs }) => sum + ours.failures + theirs.failures, 0),
  };
}

function summary(row: Row): string {
  const aim = row.target === undefined ? "" : `, target ${row.target}`;
  return `${row.case}, ${row.connections} connections: ${row.ratio} of the floor${aim}`;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
