/**
 * Pseudonyms: HMAC-SHA-256 under the shard's salt, cut to 128 bits. Whoever knows the salt can try out names; without it
 * they are random. 128 bits make it certain for all purposes that no two users share one.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { OpenPseudonyms } from "../../core/analytics/slice-shard.ts";

const SALT_BYTES = 32;
const PSEUDONYM_BYTES = 16;

export const hmacPseudonyms: OpenPseudonyms = (salt) => {
  // Half of the work is the same for all texts: taking in the key.
  const keyed = hmac.create(sha256, hexToBytes(salt));
  const ofText = (text: string) =>
    bytesToHex(keyed.clone().update(utf8ToBytes(text)).digest().subarray(0, PSEUDONYM_BYTES));
  // NUL can't occur in a user's name, so no id has the pseudonym of a user.
  return { ofUser: ofText, ofId: (id) => ofText(`\0${id}`) };
};

export function newSalt(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}
