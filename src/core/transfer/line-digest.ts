/**
 * The digest of an export's lines: the sum modulo 2^64 of a 64-bit hash of each record's line. Kept up line by line, so
 * it costs no memory and can go on from any point. It finds lines that were lost, cut, doubled or altered by mistake.
 */

/** @param line as text or as bytes, whichever `hash64` takes */
export function addLine<L>(digest: bigint, line: L, hash64: (line: L) => bigint): bigint {
  return BigInt.asUintN(64, digest + hash64(line));
}
