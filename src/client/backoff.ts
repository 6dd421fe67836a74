/**
 * How long to wait before trying again: full jitter, that is anything up to an exponentially growing bound. Spreading
 * over the whole interval keeps the clients of a server that comes back from coming back all at once.
 *
 * Source: Marc Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
 */

export const BACKOFF_BASE_MS = 250;
export const BACKOFF_CAP_MS = 30_000;

/** The longest wait after so many failures in a row, in milliseconds; 1 is the first. */
export function backoffBoundMs(failures: number): number {
  return Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.max(0, failures - 1));
}

/** @param jitter from 0 to 1, exclusive */
export function backoffMs(failures: number, jitter: number): number {
  return Math.floor(jitter * backoffBoundMs(failures));
}
