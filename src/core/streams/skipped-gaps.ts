/**
 * The holes that were skipped, as intervals in order: what tells a line that came too late from one that came twice.
 * Bounded: of holes that are older than the newest {@link GAPS_MAX} nothing is known any more, and what comes for them
 * passes for a duplicate.
 */

export const GAPS_MAX = 100_000;

export class SkippedGaps {
  /** First and last number of each, one after the other. */
  #bounds: number[] = [];
  /** Where the bounds begin that are still kept. */
  #start = 0;
  #forgotten = 0;

  get size(): number {
    return (this.#bounds.length - this.#start) / 2;
  }

  /** Adds a hole that lies after all others. */
  push(from: number, to: number): void {
    this.#bounds.push(from, to);
    if (this.size > GAPS_MAX) this.#drop();
  }

  has(sequence: number): boolean {
    const bounds = this.#bounds;
    let low = this.#start / 2;
    let high = bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[2 * middle + 1] as number) < sequence) low = middle + 1;
      else high = middle;
    }
    return 2 * low < bounds.length && (bounds[2 * low] as number) <= sequence;
  }

  /** Forgets the holes that end at or before `sequence`. Answers the last number forgotten since the last time, or 0. */
  trim(sequence: number): number {
    while ((this.#bounds[this.#start + 1] ?? Infinity) <= sequence) this.#drop();
    const forgotten = this.#forgotten;
    this.#forgotten = 0;
    return forgotten;
  }

  #drop(): void {
    this.#forgotten = this.#bounds[this.#start + 1] ?? 0;
    this.#start += 2;
    if (this.#start < 1_024 || this.#start * 2 < this.#bounds.length) return;
    this.#bounds = this.#bounds.slice(this.#start);
    this.#start = 0;
  }
}
