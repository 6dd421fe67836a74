/**
 * The names of users who are known to be counted, which spares their pseudonyms: not the names, but their hashes under a
 * random key that is only here, in memory. It may forget at any time, and never has a name that was not added, but for two
 * names of the same hash: of a million, with a probability of 2^-89.
 */
import { Chaskey } from "../chaskey.ts";
import { HASH_WORDS, HashSet } from "../hash-set.ts";

/**
 * As many as a shard's store keeps users in memory, and ids: 23 MB for each of the three, and 15 more while one grows. That is
 * 84 MB at most, of the 128 that the platform gives.
 */
export const KNOWN_NAMES_MAX = 1_100_000;

export class KnownNames {
  readonly #hash: Chaskey;
  readonly #namesMax: number;
  #hashes = new HashSet();
  readonly #words = new Uint32Array(HASH_WORDS);

  /** @param key four random words */
  constructor(key: Uint32Array, namesMax = KNOWN_NAMES_MAX) {
    this.#hash = new Chaskey(key);
    this.#namesMax = namesMax;
  }

  get size(): number {
    return this.#hashes.size;
  }

  has(name: string): boolean {
    this.#hash.digestInto(name, this.#words);
    return this.#hashes.has(this.#words);
  }

  /** Of one name too many all others are forgotten: those that are still in use come back, at the price of a pseudonym. */
  add(name: string): void {
    if (this.has(name)) return;
    if (this.#hashes.size >= this.#namesMax) this.clear();
    this.#hashes.add(this.#words);
  }

  clear(): void {
    this.#hashes = new HashSet();
  }
}
