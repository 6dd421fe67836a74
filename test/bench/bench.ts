/**
 * `npm run bench`: each case and the floor in turn, round after round on the same machine, so that what disturbs one
 * disturbs both; what counts is the median of the rounds' ratios. The floor says hello, to a `GET /` and, for comparison, to
 * the very requests of the case, whose bodies it reads: the most that any Worker could make of them. Ends with code 1 if a
 * ratio to the former is below its target, or any answer was not a 2xx.
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
  /** To the floor's answers to the same requests. */
  readonly "same requests": number;
  readonly failures: number;
}

/** What was measured in one round. */
type Round = Readonly<Record<"ours" | "hello" | "same", Measured>>;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const roundsMax = Number(values.rounds);
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
if (values.json) console.log(JSON.stringify({ rounds: roundsMax, seconds, rows }, null, 2));
else console.table(rows);
const isGood = ({ ratio, target = 0, failures }: Row): boolean => ratio >= target && failures === 0;
process.exit(rows.length > 0 && rows.every(isGood) ? 0 : 1);

async function run({ name, connections, target, request }: BenchCase): Promise<Row> {
  const rounds: Round[] = [];
  const sayHello = () => ({ method: "GET", path: "/" }) as const;
  await measure({ url: weir.url, connections, seconds: 1, request });
  for (let round = 0; round < roundsMax; round++) {
    const hello = await measure({ url: floor.url, connections, seconds, request: sayHello });
    const same = await measure({ url: floor.url, connections, seconds, request });
    const ours = await measure({ url: weir.url, connections, seconds, request });
    rounds.push({ ours, hello, same });
  }
  const middle = (of: (round: Round) => number) => median(rounds.map(of));
  return {
    case: name,
    connections,
    "requests/s": Math.round(middle(({ ours }) => ours.requestsPerS)),
    "floor requests/s": Math.round(middle(({ hello }) => hello.requestsPerS)),
    "p99 ms": middle(({ ours }) => ours.latencyP99Ms),
    ratio: round2(middle(({ ours, hello }) => ours.requestsPerS / hello.requestsPerS)),
    target,
    "same requests": round2(middle(({ ours, same }) => ours.requestsPerS / same.requestsPerS)),
    failures: rounds.flatMap(Object.values<Measured>).reduce((sum, { failures }) => sum + failures, 0),
  };
}

function summary(row: Row): string {
  const aim = row.target === undefined ? "" : `, target ${row.target}`;
  return `${row.case}, ${row.connections} connections: ${row.ratio} of the floor${aim}`;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
