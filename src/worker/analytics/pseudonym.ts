/**
 * Pseudonyms: HMAC-SHA-256 under the shard's salt, cut to 128 bits. Whoever knows the salt can try out names; without it
 * they are random. 128 bits make it certain for all purposes that no two users share one.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { OpenPseudonyms } from "../../core/analytics/slice-shard.ts";

const SALT_BYTES = 32;
const DIGEST_BYTES = 32;
const PSEUDONYM_BYTES = 16;

export const hmacPseudonyms: OpenPseudonyms = (salt) => {
  // Half of the work is the same for all texts: taking in the key. The other half is done in one object again and again.
  const keyed = hmac.create(sha256, hexToBytes(salt));
  const working = keyed.clone();
  const digest = new Uint8Array(DIGEST_BYTES);
  const ofText = (text: string) => {
    // oxlint-disable-next-line no-underscore-dangle -- the library's own name for a clone that makes no garbage
    keyed._cloneInto(working);
    working.update(utf8ToBytes(text)).digestInto(digest);
    return bytesToHex(digest.subarray(0, PSEUDONYM_BYTES));
  };
  // NUL can't occur in a user's name, so no id has the pseudonym of a user.
  return { ofUser: ofText, ofId: (id) => ofText(`\0${id}`) };
};

export function newSalt(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}
