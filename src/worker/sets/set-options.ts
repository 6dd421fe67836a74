/** A set's options as the core has them, and as they go over the wire. */
import type { SetOptions } from "../../core/sets/set-store.ts";
import type { SetOptionsAnswer } from "../../protocol/sets.ts";

export function toOptions(body: SetOptionsAnswer): SetOptions {
  return { bias: body.bias, maxSkewMs: body.max_skew_ms, tombstoneRetentionMs: body.tombstone_retention_ms };
}

export function toOptionsAnswer({ bias, maxSkewMs, tombstoneRetentionMs }: SetOptions): SetOptionsAnswer {
  return { bias, max_skew_ms: maxSkewMs, tombstone_retention_ms: tombstoneRetentionMs };
}
