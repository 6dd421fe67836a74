/**
 * The digest of an export's lines: the sum modulo 2^64 of a 64-bit hash of each record's line. Kept up line by line, so
 * it costs no memory and can go on from any point. It finds lines that were lost, cut, doubled or altered by mistake.
 */
import type { Hash64 } from "../sets/digest.ts";

export function addLine(digest: bigint, line: string, hash64: Hash64): bigint {
  return BigInt.asUintN(64, digest + hash64(line));
}
