/**
 * Waits for a promise that several requests share. The runtime cancels a request that waits without pending I/O of its
 * own, even though another request's I/O will settle the promise; so each waiter holds a timer, which is its deadline too.
 *
 * The promise itself must run under the `waitUntil` of the request that made it, or it dies with that request's client.
 */
import { refuseForNow } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";

/**
 * @param shared must not reject
 * @param late what to say to a waiter whose deadline passes
 */
export function waitShared<T>(shared: Promise<Result<T>>, deadlineMs: number, late: string): Promise<Result<T>> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(refuseForNow(late)), deadlineMs);
    void shared.then((outcome) => {
      clearTimeout(timer);
      return resolve(outcome);
    });
  });
}
