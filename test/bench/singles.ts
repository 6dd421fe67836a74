/**
 * Requests of one entry against the floor, which says hello, to a `GET /` and, for comparison, to the very requests of the
 * case, whose bodies it reads: the most that any Worker could make of them.
 */
import { benchCases } from "./cases.ts";
import type { BenchCase } from "./cases.ts";
import { measure, median, round2 } from "./measure.ts";
import type { Measured } from "./measure.ts";
import { startFloor } from "./servers.ts";
import type { BenchServer } from "./servers.ts";

export interface SingleRow {
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

/** @param only cases with that in their names */
export async function runSingles(
  weir: BenchServer,
  roundsMax: number,
  seconds: number,
  only: string,
): Promise<readonly SingleRow[]> {
  const cases = benchCases.filter(({ name }) => name.includes(only));
  const floor = await startFloor();
  try {
    const rows: SingleRow[] = [];
    for (const benchCase of cases) rows.push(await run(benchCase));
    return rows;
  } finally {
    await floor.stop();
  }

  async function run({ name, connections, target, request }: BenchCase): Promise<SingleRow> {
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
}
