/**
 * Decides a batch of events: what they add to the totals, and which users and ids are new. Pure: what is known comes in,
 * what to write comes out.
 */
import type { SliceHead } from "./slice-store.ts";

export type EventKind = "click" | "impression";

/** An event as it is counted, with pseudonyms in place of names. */
export interface PseudonymousEvent {
  /** `undefined`: this user is known to be counted. */
  readonly user: string | undefined;
  readonly event: EventKind;
  /** An event with an id counts once, one without each time. */
  readonly id: string | undefined;
}

export interface Decision {
  /** Events whose id had been counted before; they change nothing. */
  readonly duplicates: number;
  readonly newUsers: ReadonlySet<string>;
  readonly newIds: ReadonlySet<string>;
  readonly head: SliceHead;
}

/**
 * The same as if the events had come one by one, in their order.
 *
 * @param countedUsers those of the events' users that have been counted
 * @param countedIds those of the events' ids that have been counted
 * @param nowMs the server's clock
 */
export function decide(
  head: SliceHead,
  events: readonly PseudonymousEvent[],
  countedUsers: ReadonlySet<string>,
  countedIds: ReadonlySet<string>,
  nowMs: number,
): Decision {
  const newUsers = new Set<string>();
  const newIds = new Set<string>();
  let duplicates = 0;
  let clicks = 0;
  for (const { user, event, id } of events) {
    if (id !== undefined) {
      if (countedIds.has(id) || newIds.has(id)) {
        duplicates += 1;
        continue;
      }
      newIds.add(id);
    }
    if (user !== undefined && !countedUsers.has(user)) newUsers.add(user);
    if (event === "click") clicks += 1;
  }
  const counted = events.length - duplicates;
  const next = { ...addEvents(head, clicks, counted, nowMs), uniqueUsers: head.uniqueUsers + newUsers.size };
  return { duplicates, newUsers, newIds, head: counted === 0 ? head : next };
}

/**
 * The head after events for a sealed slice. Who they are from, and whether they were counted before, nobody can tell any
 * more, so they add to clicks and impressions, and are labelled late.
 */
export function decideLate(head: SliceHead, kinds: readonly EventKind[], nowMs: number): SliceHead {
  const clicks = kinds.filter((kind) => kind === "click").length;
  return { ...addEvents(head, clicks, kinds.length, nowMs), late: head.late + kinds.length };
}

function addEvents(head: SliceHead, clicks: number, events: number, nowMs: number): SliceHead {
  return {
    ...head,
    clicks: head.clicks + clicks,
    impressions: head.impressions + events - clicks,
    lastEventMs: Math.max(head.lastEventMs, nowMs),
  };
}
