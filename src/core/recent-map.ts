/**
 * A map of bounded size that forgets what was not used for long. It has two generations: what is used goes to the young
 * one, and when that is full it becomes the old one, whose entries are forgotten at once.
 *
 * Nothing is ever deleted by itself. In a map that is kept in the order of use by deleting and setting again, finding the
 * oldest entry means walking over all that were deleted, some tens of microseconds each time.
 */
export class RecentMap<Key, Value> {
  readonly #generationMax: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** @param entriesMax at least 2; half of them are kept at any time, if they were ever that many */
  constructor(entriesMax: number) {
    this.#generationMax = Math.floor(entriesMax / 2);
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#generationMax && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
