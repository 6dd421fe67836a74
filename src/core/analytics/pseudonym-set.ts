/**
 * A set of 128-bit pseudonyms, 20 to 30 bytes each where a set of strings takes a hundred: a hash table with open
 * addressing and linear probing (Knuth, "The Art of Computer Programming", volume 3, section 6.4, algorithm L) in one
 * array of words. Pseudonyms are random by themselves, so their words make their hash. Nothing is ever taken out.
 */

const WORDS = 4;
const HEX_DIGITS = 32;
const SLOTS_MIN = 1_024;
const LOAD_MAX = 0.8;
const GROWTH = 1.5;

export class PseudonymSet {
  /** Four words a slot; a slot of zeros is free. */
  #slots = new Uint32Array(SLOTS_MIN * WORDS);
  #size = 0;
  /** Zeros mean a free slot, so the pseudonym that is all zeros is kept here. */
  #hasZero = false;
  readonly #words = new Uint32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  /** @param pseudonym 32 lower-case hex digits */
  has(pseudonym: string): boolean {
    if (this.#parse(pseudonym, 0)) return this.#hasZero;
    const slot = this.#find(this.#slots, this.#words, 0);
    return !isFree(this.#slots, slot);
  }

  add(pseudonym: string): void {
    this.addAll(pseudonym);
  }

  /** @param pseudonyms one after the other, without anything between them */
  addAll(pseudonyms: string): void {
    for (let from = 0; from < pseudonyms.length; from += HEX_DIGITS) {
      if (this.#parse(pseudonyms, from)) {
        if (!this.#hasZero) this.#size += 1;
        this.#hasZero = true;
        continue;
      }
      const slot = this.#find(this.#slots, this.#words, 0);
      if (!isFree(this.#slots, slot)) continue;
      this.#slots.set(this.#words, slot);
      this.#size += 1;
      if (this.#size > (this.#slots.length / WORDS) * LOAD_MAX) this.#grow();
    }
  }

  /** Reads a pseudonym into `#words`. Answers whether it is all zeros. */
  #parse(hex: string, from: number): boolean {
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      for (let digit = 0; digit < 8; digit++) {
        const code = hex.charCodeAt(from + word * 8 + digit);
        value = (value << 4) | (code < 0x3a ? code - 0x30 : code - 0x57);
      }
      this.#words[word] = value;
    }
    return isFree(this.#words, 0);
  }

  /** Where the four words at `at` are in `slots`, or the free slot where they belong. */
  #find(slots: Uint32Array, words: Uint32Array, at: number): number {
    const count = slots.length / WORDS;
    const hash = ((words[at] ?? 0) ^ (words[at + 1] ?? 0) ^ (words[at + 2] ?? 0) ^ (words[at + 3] ?? 0)) >>> 0;
    let slot = (hash % count) * WORDS;
    while (!isFree(slots, slot) && !isSame(slots, slot, words, at)) {
      slot += WORDS;
      if (slot === slots.length) slot = 0;
    }
    return slot;
  }

  #grow(): void {
    const former = this.#slots;
    const slots = new Uint32Array(Math.ceil((former.length / WORDS) * GROWTH) * WORDS);
    for (let at = 0; at < former.length; at += WORDS) {
      if (!isFree(former, at)) slots.set(former.subarray(at, at + WORDS), this.#find(slots, former, at));
    }
    this.#slots = slots;
  }
}

function isFree(slots: Uint32Array, at: number): boolean {
  return slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0;
}

function isSame(a: Uint32Array, atA: number, b: Uint32Array, atB: number): boolean {
  return a[atA] === b[atB] && a[atA + 1] === b[atB + 1] && a[atA + 2] === b[atB + 2] && a[atA + 3] === b[atB + 3];
}
