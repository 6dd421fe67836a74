/**
 * Chaskey-12, a keyed 128-bit hash of short texts that is made for 32-bit words, which are what JavaScript is fast at:
 * Mouha, Mennink, Van Herrewege, Watanabe, Preneel, Verbauwhede, "Chaskey: An Efficient MAC Algorithm for 32-bit
 * Microcontrollers" (SAC 2014), with the 12 rounds of ISO/IEC 29192-6.
 *
 * A text is taken as its UTF-16 code units, little-endian, so that nothing must be encoded. Of n texts two share their
 * hash with a probability of about n^2 / 2^129, whoever chose them, as long as nobody knows the key.
 */

const WORDS = 4;
const BLOCK_UNITS = 8;
const ROUNDS = 12;
/** Of the polynomial by which the paper doubles in the field of 2^128 elements. */
const REDUCTION = 0x87;

export class Chaskey {
  readonly #key: Uint32Array;
  /** For texts that end with a block, and for those that must be padded. */
  readonly #wholeKey: Uint32Array;
  readonly #paddedKey: Uint32Array;
  readonly #state = new Int32Array(WORDS);

  /** @param key four random words */
  constructor(key: Uint32Array) {
    if (key.length !== WORDS) throw new Error("A key has four words");
    this.#key = key.slice();
    this.#wholeKey = doubled(this.#key);
    this.#paddedKey = doubled(this.#wholeKey);
  }

  /** Puts the hash of `text` into the four words of `hash`. */
  digestInto(text: string, hash: Uint32Array): void {
    const state = this.#state;
    for (let word = 0; word < WORDS; word++) state[word] = word4(this.#key, word);
    const { length } = text;
    let at = 0;
    for (; at + BLOCK_UNITS < length; at += BLOCK_UNITS) {
      absorb(state, text, at, at + BLOCK_UNITS);
      permute(state);
    }
    absorb(state, text, at, length);
    const isWhole = length === at + BLOCK_UNITS;
    if (!isWhole) absorbUnit(state, length - at, 1);
    const last = isWhole ? this.#wholeKey : this.#paddedKey;
    for (let word = 0; word < WORDS; word++) state[word] = word4(state, word) ^ word4(last, word);
    permute(state);
    for (let word = 0; word < WORDS; word++) hash[word] = word4(state, word) ^ word4(last, word);
  }
}

function absorb(state: Int32Array, text: string, from: number, to: number): void {
  for (let at = from; at < to; at++) absorbUnit(state, at - from, text.charCodeAt(at));
}

function absorbUnit(state: Int32Array, at: number, unit: number): void {
  const word = at >> 1;
  state[word] = word4(state, word) ^ (unit << ((at & 1) << 4));
}

function permute(state: Int32Array): void {
  let a = word4(state, 0);
  let b = word4(state, 1);
  let c = word4(state, 2);
  let d = word4(state, 3);
  for (let round = 0; round < ROUNDS; round++) {
    a = (a + b) | 0;
    b = rotated(b, 5) ^ a;
    a = rotated(a, 16);
    c = (c + d) | 0;
    d = rotated(d, 8) ^ c;
    a = (a + d) | 0;
    d = rotated(d, 13) ^ a;
    c = (c + b) | 0;
    b = rotated(b, 7) ^ c;
    c = rotated(c, 16);
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function word4(words: Int32Array | Uint32Array, at: number): number {
  return words[at] ?? 0;
}

function doubled(words: Uint32Array): Uint32Array {
  const high = (at: number) => word4(words, at) >>> 31;
  return words.map((word, at) => (word << 1) ^ (at === 0 ? high(WORDS - 1) * REDUCTION : high(at - 1)));
}
