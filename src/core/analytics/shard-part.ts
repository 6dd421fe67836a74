/** A shard in parts, as an export reads it and an import takes it. */
import type { SliceClaim } from "./routing.ts";
import type { PseudonymPosition, SliceHead, SliceStore } from "./slice-store.ts";

export interface ShardPosition {
  readonly users: PseudonymPosition;
  readonly ids: PseudonymPosition;
}

export const SHARD_START: ShardPosition = { users: 0, ids: 0 };

export interface ShardPart {
  readonly claim: SliceClaim;
  /** None of a sealed shard. */
  readonly salt: string | undefined;
  readonly users: readonly string[];
  readonly ids: readonly string[];
  /** With the last part: everything else, as of the moment at which nothing more was there to read. */
  readonly head: SliceHead | undefined;
}

/**
 * The part after `position`. Totals come with the last pseudonyms, in one turn, so all parts together are the shard as it
 * was at that moment, whatever was counted while they were read.
 *
 * @param limit of users, and of ids
 */
export function readShardPart(
  store: SliceStore,
  head: SliceHead,
  position: ShardPosition,
  limit: number,
): { readonly part: ShardPart; readonly next: ShardPosition } {
  const [users, nextUsers, isUsersEnd] = readUpTo(limit, position.users, (after, room) => store.users(after, room));
  const [ids, nextIds, isIdsEnd] = readUpTo(limit, position.ids, (after, room) => store.ids(after, room));
  return {
    part: { claim: head.claim, salt: store.salt(), users, ids, head: isUsersEnd && isIdsEnd ? head : undefined },
    next: { users: nextUsers, ids: nextIds },
  };
}

function readUpTo(
  limit: number,
  after: PseudonymPosition,
  read: SliceStore["users"],
): readonly [pseudonyms: readonly string[], next: PseudonymPosition, isEnd: boolean] {
  const all: string[] = [];
  let at = after;
  while (all.length < limit) {
    const { pseudonyms, next } = read(at, limit - all.length);
    if (pseudonyms.length === 0) return [all, at, true];
    all.push(...pseudonyms);
    at = next;
  }
  return [all, at, false];
}

/** The head once a part was taken of which `newUsers` users were not there yet. */
export function headWithPart(before: SliceHead, newUsers: number, { head }: ShardPart): SliceHead {
  const uniqueUsers = before.uniqueUsers + newUsers;
  if (head === undefined) return { ...before, uniqueUsers };
  return {
    ...before,
    // Who the users of a sealed shard were nobody knows any more, only how many.
    uniqueUsers: head.sealedMs === null ? uniqueUsers : Math.max(uniqueUsers, head.uniqueUsers),
    clicks: before.clicks + head.clicks,
    impressions: before.impressions + head.impressions,
    late: before.late + head.late,
    lastEventMs: Math.max(before.lastEventMs, head.lastEventMs),
    sealedMs: before.sealedMs ?? head.sealedMs,
  };
}
