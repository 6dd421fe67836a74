/**
 * The digest by which anyone proves to hold the same set: the sum modulo 2^64, over all entries, tombstones included,
 * of a 64-bit hash of each. A sum doesn't depend on order and can be updated in O(1) by subtracting the entry that
 * was replaced and adding the one that replaced it.
 *
 * It guards against mistakes and lost changes, not against an adversary: sums of hashes can be forged by whoever
 * chooses the entries (Bellare and Micciancio, "A New Paradigm for Collision-free Hashing", 1997).
 */
import type { Entry } from "./lww.ts";

/** The first 8 bytes, big-endian, of SHA-256 of the text in UTF-8. Comes in from outside: the core has no crypto. */
export type Hash64 = (text: string) => bigint;

/** The digest of the empty set. */
export const EMPTY_DIGEST = 0n;

/** One entry's share of the digest. NUL can't occur in an element, so no two entries have the same text. */
export function entryHash(entry: Entry, hash64: Hash64): bigint {
  return hash64(`${entry.op}\0${entry.timestamp}\0${entry.element}`);
}

/** The digest once `next` stands where `former` stood; `undefined` is no entry. */
export function updateDigest(
  digest: bigint,
  former: Entry | undefined,
  next: Entry | undefined,
  hash64: Hash64,
): bigint {
  const share = (entry: Entry | undefined) => (entry === undefined ? 0n : entryHash(entry, hash64));
  return BigInt.asUintN(64, digest - share(former) + share(next));
}

/** 16 lower-case hex digits, as on the wire. */
export function formatDigest(digest: bigint): string {
  return digest.toString(16).padStart(16, "0");
}

/** The inverse of {@link formatDigest}. */
export function parseDigest(text: string): bigint {
  return BigInt(`0x${text}`);
}
