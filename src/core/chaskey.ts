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
    copy(this.#key, state);
    let at = 0;
    for (; at + BLOCK_UNITS < text.length; at += BLOCK_UNITS) {
      absorb(state, text, at);
      permute(state);
    }
    const last = text.length === at + BLOCK_UNITS ? this.#wholeKey : this.#paddedKey;
    absorb(state, text, at);
    mix(state, last);
    permute(state);
    mix(state, last);
    copy(state, hash);
  }
}

type Words = Int32Array | Uint32Array;

function copy(from: Words, to: Words): void {
  for (let word = 0; word < WORDS; word++) to[word] = from[word] ?? 0;
}

function mix(state: Int32Array, words: Words): void {
  for (let word = 0; word < WORDS; word++) state[word] = (state[word] ?? 0) ^ (words[word] ?? 0);
}

function absorb(state: Int32Array, text: string, from: number): void {
  for (let word = 0; word < WORDS; word++) {
    const at = from + 2 * word;
    state[word] = (state[word] ?? 0) ^ (unitOrPadding(text, at) | (unitOrPadding(text, at + 1) << 16));
  }
}

/** What follows a text in its last block: a one, and zeros. */
function unitOrPadding(text: string, at: number): number {
  if (at < text.length) return text.charCodeAt(at);
  return at === text.length ? 1 : 0;
}

function permute(state: Int32Array): void {
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
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

function doubled(words: Uint32Array): Uint32Array {
  const high = (at: number) => (words[at] ?? 0) >>> 31;
  return words.map((word, at) => (word << 1) ^ (at === 0 ? high(WORDS - 1) * REDUCTION : high(at - 1)));
}
