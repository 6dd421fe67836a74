/**
 * Pseudonyms: HMAC-SHA-256 under the shard's salt, cut to 128 bits. Whoever knows the salt can try out names; without it
 * they are random. 128 bits make it certain for all purposes that no two users share one.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { OpenPseudonyms } from "../../core/analytics/slice-shard.ts";
import { limits } from "../../protocol/limits.ts";

const SALT_BYTES = 32;
const DIGEST_BYTES = 32;
const PSEUDONYM_BYTES = 16;
/** What goes before an id. NUL can't occur in a user's name, so no id has the pseudonym of a user. */
const ID_MARK = "\0";

const encoder = new TextEncoder();

export const hmacPseudonyms: OpenPseudonyms = (salt) => {
  // Half of the work is the same for all texts: taking in the key. The other half is done in the same memory again and
  // again: what is made anew for each text takes as long as its hash.
  const keyed = hmac.create(sha256, hexToBytes(salt));
  const working = keyed.clone();
  const bytes = new Uint8Array(ID_MARK.length + limits.elementBytesMax);
  const digest = new Uint8Array(DIGEST_BYTES);
  const pseudonym = digest.subarray(0, PSEUDONYM_BYTES);
  const ofText = (text: string) => {
    const { read, written } = encoder.encodeInto(text, bytes);
    if (read !== text.length) throw new Error("This text is longer than any user's name or id");
    // oxlint-disable-next-line no-underscore-dangle -- the library's own name for a clone that makes no garbage
    keyed._cloneInto(working);
    working.update(bytes.subarray(0, written)).digestInto(digest);
    return bytesToHex(pseudonym);
  };
  return { ofUser: ofText, ofId: (id) => ofText(ID_MARK + id) };
};

export function newSalt(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}

/** Of the hashes by which a shard knows names in memory, and never leaves it. */
export function newNameKey(): Uint32Array {
  return crypto.getRandomValues(new Uint32Array(4));
}
