/**
 * Waits for a promise that several requests share. The runtime cancels a request that waits without pending I/O of its
 * own, even though another request's I/O will settle the promise; so each waiter holds a timer, which is its deadline too.
 *
 * The promise itself must run under the `waitUntil` of the request that made it, or it dies with that request's client.
 */
import { refuseForNow } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";

/**
 * The race is what brings the answer back into the waiter's own context. A `then` on the shared promise would run in the
 * context of the request that settles it, where the waiter's body and streams can't be touched.
 *
 * @param late what to say to a waiter whose deadline passes
 */
export async function waitShared<T>(shared: Promise<Result<T>>, deadlineMs: number, late: string): Promise<Result<T>> {
  let timer: number | null = null;
  const deadline = new Promise<Result<never>>((resolve) => {
    timer = setTimeout(() => resolve(refuseForNow(late)), deadlineMs);
  });
  try {
    return await Promise.race([shared, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
