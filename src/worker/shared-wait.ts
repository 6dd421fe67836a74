/**
 * Waits for a promise that several requests share. The runtime cancels a request that waits without pending I/O of its
 * own, even though another request's I/O will settle the promise; so each waiter holds a timer, which is its deadline too.
 *
 * The promise itself must run under the `waitUntil` of the request that made it, or it dies with that request's client.
 */
import { refuse } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";

const RETRY_AFTER_S = 1;

/** @param late what to say to a waiter whose deadline passes */
export async function waitShared<T>(shared: Promise<Result<T>>, deadlineMs: number, late: string): Promise<Result<T>> {
  let timer: number | null = null;
  const deadline = new Promise<Result<never>>((resolve) => {
    timer = setTimeout(() => resolve(busy(late)), deadlineMs);
  });
  try {
    return await Promise.race([shared, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

export function busy(detail: string): Result<never> {
  return refuse("overloaded", detail, { retryAfterS: RETRY_AFTER_S });
}
