/**
 * Batches against Node's http before Redis, by turns, in entries for each second of processor time of all processes that do the
 * work: both servers and the load share the machine, so time on the wall would say what the load costs.
 */
import { processorMs } from "../../support/process-usage.ts";
import { measure, median, round2 } from "../measure.ts";
import type { BenchServer } from "../servers.ts";
import { BATCH, batchCases } from "./batch-cases.ts";
import type { BatchCase } from "./batch-cases.ts";
import { startPeer } from "./start-peer.ts";

export interface BatchRow {
  readonly case: string;
  readonly "entries/CPU s": number;
  readonly "peer's": number;
  readonly ratio: number;
  readonly target: number;
  readonly aim: number;
  readonly failures: number;
}

interface Turn {
  readonly entriesPerS: number;
  readonly failures: number;
}

const CONNECTIONS = 16;
const MS_PER_S = 1_000;

/** @param only cases with that in their names */
export async function runBatches(
  weir: BenchServer,
  rounds: number,
  seconds: number,
  only: string,
): Promise<readonly BatchRow[]> {
  const cases = batchCases.filter(({ name }) => name.includes(only));
  if (cases.length === 0) return [];
  const peer = await startPeer();
  try {
    const rows: BatchRow[] = [];
    for (const batchCase of cases) rows.push(await run(batchCase));
    return rows;
  } finally {
    await peer.stop();
  }

  async function run({ name, target, aim, request }: BatchCase): Promise<BatchRow> {
    const ours: Turn[] = [];
    const theirs: Turn[] = [];
    const take = (url: string, pids: readonly number[], forSeconds: number) =>
      turn(pids, () => measure({ url, connections: CONNECTIONS, seconds: forSeconds, request }));
    await take(peer.url, peer.pids, 1);
    await take(weir.url, [weir.pid], 1);
    for (let round = 0; round < rounds; round++) {
      theirs.push(await take(peer.url, peer.pids, seconds));
      ours.push(await take(weir.url, [weir.pid], seconds));
    }
    const ratios = ours.map(({ entriesPerS }, round) => entriesPerS / (theirs[round]?.entriesPerS ?? NaN));
    return {
      case: name,
      "entries/CPU s": Math.round(median(ours.map(({ entriesPerS }) => entriesPerS))),
      "peer's": Math.round(median(theirs.map(({ entriesPerS }) => entriesPerS))),
      ratio: round2(median(ratios)),
      target,
      aim,
      failures: [...ours, ...theirs].reduce((sum, { failures }) => sum + failures, 0),
    };
  }
}

async function turn(pids: readonly number[], load: () => ReturnType<typeof measure>): Promise<Turn> {
  const used = () => pids.reduce((sum, pid) => sum + processorMs(pid), 0);
  const before = used();
  const { requests, failures } = await load();
  return { entriesPerS: (requests * BATCH * MS_PER_S) / (used() - before), failures };
}
