/** The hash of the set digest: SHA-256 from a library, since Web Crypto's is asynchronous and a decision is not. */
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Hash64 } from "../core/sets/digest.ts";

export const sha256Hash64: Hash64 = (text) => {
  const bytes = sha256(utf8ToBytes(text));
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
};
