/**
 * A `fetch` that cuts connections as failing networks do: sometimes while the request is under way, so that nobody knows
 * whether it arrived, and sometimes when the answer has begun, so that it certainly did.
 */

/** The latest that a request is cut, after it was begun. */
const CUT_MS_MAX = 20;

export interface CuttingFetch {
  readonly fetch: typeof fetch;
  /** Requests so far, and those of them that were cut. */
  readonly counts: { readonly requests: number; readonly cuts: number };
}

/** @param share of the requests that are cut */
export function cuttingFetch(share: number, random: () => number): CuttingFetch {
  const counts = { requests: 0, cuts: 0 };
  const cut: typeof fetch = async (input, init) => {
    counts.requests += 1;
    if (random() >= share) return fetch(input, init);
    counts.cuts += 1;
    const scissors = new AbortController();
    const signal = init?.signal == null ? scissors.signal : AbortSignal.any([init.signal, scissors.signal]);
    const early = random() < 0.5 ? setTimeout(() => scissors.abort(), random() * CUT_MS_MAX) : undefined;
    try {
      await fetch(input, { ...init, signal });
    } finally {
      clearTimeout(early);
      scissors.abort();
    }
    throw new TypeError("The connection was cut.");
  };
  return { fetch: cut, counts };
}
