/** A set of pseudonyms as they are written, in hex. Pseudonyms are random by themselves, so they are hashes of their own. */
import { HASH_WORDS, HashSet } from "../hash-set.ts";

const HEX_DIGITS = 32;
const WORD_DIGITS = HEX_DIGITS / HASH_WORDS;

export class PseudonymSet {
  readonly #hashes = new HashSet();
  readonly #words = new Uint32Array(HASH_WORDS);

  get size(): number {
    return this.#hashes.size;
  }

  /** @param pseudonym 32 lower-case hex digits */
  has(pseudonym: string): boolean {
    return this.#hashes.has(this.#parse(pseudonym, 0));
  }

  add(pseudonym: string): void {
    this.addAll(pseudonym);
  }

  /** @param pseudonyms one after the other, without anything between them */
  addAll(pseudonyms: string): void {
    for (let from = 0; from < pseudonyms.length; from += HEX_DIGITS) this.#hashes.add(this.#parse(pseudonyms, from));
  }

  #parse(hex: string, from: number): Uint32Array {
    for (let word = 0; word < HASH_WORDS; word++) {
      let value = 0;
      for (let digit = 0; digit < WORD_DIGITS; digit++) {
        const code = hex.charCodeAt(from + word * WORD_DIGITS + digit);
        // Bit 6 tells letters from digits; to ask for it would be a branch that is as random as the pseudonym.
        value = (value << 4) | ((code & 0xf) + 9 * (code >> 6));
      }
      this.#words[word] = value;
    }
    return this.#words;
  }
}
