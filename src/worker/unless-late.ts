/**
 * Waits for a promise, but not for longer than a deadline. Where several requests share a promise this is the only way to
 * wait for it: the runtime cancels a request that waits without pending I/O of its own, even though another request's I/O
 * will settle the promise; so each waiter holds a timer, which is its deadline too.
 *
 * A shared promise itself must run under the `waitUntil` of the request that made it, or it dies with that request's
 * client.
 */

/**
 * The race is what brings the answer back into the waiter's own context. A `then` on a shared promise would run in the
 * context of the request that settles it, where the waiter's body and streams can't be touched.
 *
 * @param late what a waiter gets whose deadline passes
 */
export async function unlessLate<T, Late>(
  promise: Promise<T>,
  deadlineMs: number,
  late: () => Late,
): Promise<T | Late> {
  let timer: number | null = null;
  const deadline = new Promise<Late>((resolve) => {
    timer = setTimeout(() => resolve(late()), deadlineMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
