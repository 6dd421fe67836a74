/**
 * Which shard of a slice counts a user. All events of a user in a slice must reach the same shard, on every server and
 * in every version of this code, or sums over shards would count the user twice: never change the function.
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * FNV-1a over the bytes of the UTF-16 code units, then MurmurHash3's finalizer, for FNV's low bits by themselves are
 * little more than the parity of the name. Sources: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm";
 * Appleby, MurmurHash3, `fmix32`.
 */
export function shardOf(user: string, shards: number): number {
  if (shards === 1) return 0;
  let hash = FNV_OFFSET;
  for (let index = 0; index < user.length; index++) {
    const unit = user.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}
