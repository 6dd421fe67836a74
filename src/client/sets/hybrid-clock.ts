/**
 * Stamps the operations of one writer: with the wall clock, but never twice the same, and later than what the operation
 * is meant to replace. So a clock that is behind, or steps back, doesn't make a writer lose against what it has seen.
 *
 * Source: Kulkarni et al., "Logical Physical Clocks" (2014), with the logical part folded into the milliseconds.
 */
export class HybridClock {
  readonly #nowMs: () => number;
  readonly #skewMsMax: number;
  #lastMs: number;

  /**
   * @param skewMsMax how far beyond its own clock the server accepts timestamps; no stamp goes further, since it would
   *   be refused. An operation on an entry that is that far ahead then loses against it.
   * @param lastMs no stamp is given that is not later
   */
  constructor(nowMs: () => number, skewMsMax: number, lastMs = 0) {
    this.#nowMs = nowMs;
    this.#skewMsMax = skewMsMax;
    this.#lastMs = lastMs;
  }

  /** Milliseconds since the Unix epoch, later than `seenMs` if the skew allows. */
  stamp(seenMs = 0): number {
    const nowMs = this.#nowMs();
    const wantedMs = Math.max(nowMs, this.#lastMs + 1, seenMs + 1);
    const stampMs = Math.min(wantedMs, nowMs + this.#skewMsMax);
    this.#lastMs = Math.max(this.#lastMs, stampMs);
    return stampMs;
  }
}
