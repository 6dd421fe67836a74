/** Batches of a hundred, as those who have much to say send them. */
import { randomUUID } from "node:crypto";
import { post, some } from "../bench-request.ts";
import type { BenchRequest } from "../bench-request.ts";

export const BATCH = 100;

export interface BatchCase {
  readonly name: string;
  /** Entries for each second of processor time, as a share of the peer's; good enough, and what to aim for. */
  readonly target: number;
  readonly aim: number;
  readonly request: () => BenchRequest;
}

const ELEMENTS = 10_000;
/** A fifth of the operations. */
const REMOVES_OF_TEN = 2;

export const batchCases: readonly BatchCase[] = [
  {
    name: "POST /items, 100 new items, durable",
    target: 0.45,
    aim: 0.8,
    request: () =>
      post(
        "/items",
        some(BATCH, () => ({ id: randomUUID(), tenant: "bench" })),
      ),
  },
  {
    name: "POST /sets/:set/ops, 100 operations, durable",
    target: 0.5,
    aim: 0.8,
    request: () =>
      post("/sets/batches/ops", {
        ops: some(BATCH, (index) => ({
          op: index % 10 < REMOVES_OF_TEN ? "remove" : "add",
          element: `element-${Math.floor(Math.random() * ELEMENTS)}`,
          // Not counted up: what is ahead of the clock is refused, which is cheap.
          timestamp: Date.now(),
        })),
      }),
  },
];
