/**
 * How fast a count grew lately. Says only what was watched from beginning to end: what a count gained while nobody looked
 * has no time, so it belongs to no rate.
 */

export const RATE_WINDOW_MS = 10_000;
/** Counts that come closer together than this are kept as one, which bounds what is kept. */
const GRAIN_MS = 250;

interface Sample {
  readonly atMs: number;
  readonly count: number;
}

export class RateMeter {
  /** Oldest first. The first is the newest of those that have left the window, if any has. */
  #samples: Sample[] = [];

  push(count: number, nowMs: number): void {
    // Someone erased the tenant.
    if (count < (this.#samples.at(-1)?.count ?? 0)) this.clear();
    const before = this.#samples.at(-2);
    if (before !== undefined && nowMs - before.atMs < GRAIN_MS) this.#samples.pop();
    this.#samples.push({ atMs: nowMs, count });
    this.#forget(nowMs);
  }

  /** The next count is where it begins again. */
  clear(): void {
    this.#samples = [];
  }

  /** Over the whole window, so it is too low until so much time was watched. */
  perSecond(nowMs: number): number {
    this.#forget(nowMs);
    const growth = (this.#samples.at(-1)?.count ?? 0) - (this.#samples[0]?.count ?? 0);
    return (growth * 1000) / RATE_WINDOW_MS;
  }

  #forget(nowMs: number): void {
    const first = this.#samples.findLastIndex(({ atMs }) => atMs <= nowMs - RATE_WINDOW_MS);
    if (first > 0) this.#samples.splice(0, first);
  }
}

/** A rate for a person. */
export function rateWords(perSecond: number): string {
  const digits = perSecond < 10 && perSecond > 0 ? 1 : 0;
  return `${perSecond.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })}/s`;
}
