/**
 * A set of 128-bit hashes, 20 to 30 bytes each where a set of strings takes a hundred: a hash table with open addressing
 * and linear probing (Knuth, "The Art of Computer Programming", volume 3, section 6.4, algorithm L) in one array of words.
 * Hashes are random by themselves, so their words say where they belong. Nothing is ever taken out.
 */

export const HASH_WORDS = 4;
const SLOTS_MIN = 128;
const LOAD_MAX = 0.8;
const GROWTH = 1.5;

export class HashSet {
  /** Four words a slot; a slot of zeros is free. */
  #slots = new Uint32Array(SLOTS_MIN * HASH_WORDS);
  #size = 0;
  /** Zeros mean a free slot, so whether the hash that is all zeros is there is kept here. */
  #hasZero = false;

  get size(): number {
    return this.#size;
  }

  /** @param hash four words */
  has(hash: Uint32Array): boolean {
    if (isFree(hash, 0)) return this.#hasZero;
    return !isFree(this.#slots, find(this.#slots, hash, 0));
  }

  add(hash: Uint32Array): void {
    if (isFree(hash, 0)) {
      if (!this.#hasZero) this.#size += 1;
      this.#hasZero = true;
      return;
    }
    const slot = find(this.#slots, hash, 0);
    if (!isFree(this.#slots, slot)) return;
    put(this.#slots, slot, hash, 0);
    this.#size += 1;
    if (this.#size > (this.#slots.length / HASH_WORDS) * LOAD_MAX) this.#grow();
  }

  #grow(): void {
    const former = this.#slots;
    const slots = new Uint32Array(Math.ceil((former.length / HASH_WORDS) * GROWTH) * HASH_WORDS);
    for (let at = 0; at < former.length; at += HASH_WORDS) {
      if (!isFree(former, at)) put(slots, find(slots, former, at), former, at);
    }
    this.#slots = slots;
  }
}

/** Where the four words at `at` are in `slots`, or the free slot where they belong. */
function find(slots: Uint32Array, words: Uint32Array, at: number): number {
  const count = slots.length / HASH_WORDS;
  const hash = ((words[at] ?? 0) ^ (words[at + 1] ?? 0) ^ (words[at + 2] ?? 0) ^ (words[at + 3] ?? 0)) >>> 0;
  // The upper end of the product, as even as a remainder and without a division.
  let slot = Math.floor((hash * count) / 2 ** 32) * HASH_WORDS;
  while (!isFree(slots, slot) && !isSame(slots, slot, words, at)) {
    slot += HASH_WORDS;
    if (slot === slots.length) slot = 0;
  }
  return slot;
}

/** By hand: to copy so few words, the array's own methods take longer than to find their place. */
function put(slots: Uint32Array, slot: number, words: Uint32Array, at: number): void {
  for (let word = 0; word < HASH_WORDS; word++) slots[slot + word] = words[at + word] ?? 0;
}

function isFree(slots: Uint32Array, at: number): boolean {
  return slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0;
}

function isSame(a: Uint32Array, atA: number, b: Uint32Array, atB: number): boolean {
  return a[atA] === b[atB] && a[atA + 1] === b[atB + 1] && a[atA + 2] === b[atB + 2] && a[atA + 3] === b[atB + 3];
}
