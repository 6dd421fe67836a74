/**
 * Counts events: finds the object of each by the rules, and sends it its share. An object that was sent events by rules
 * that don't hold for its slice refuses its whole share; then the rules are read again and those events, and only those,
 * find their way anew.
 */
import { shardsOf } from "../../core/analytics/routing.ts";
import type { Routing, SliceClaim } from "../../core/analytics/routing.ts";
import { shardOf } from "../../core/analytics/shard.ts";
import type { SliceEvent } from "../../core/analytics/slice-shard.ts";
import { sliceStart } from "../../core/analytics/time-slice.ts";
import type { AnalyticsEvent, EventsAnswer } from "../../protocol/analytics.ts";
import { refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import { inLanes } from "../lanes.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { AnalyticsEdge } from "./analytics-edge.ts";
import { objectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";

/** Calls of one request that are under way at the same time. */
const LANES_MAX = 32;
/** Rules change once in a while, so fresh ones are refused once at most, and then no more. */
const ROUNDS_MAX = 3;

interface Route {
  readonly address: SliceAddress;
  readonly claim: SliceClaim;
  /** The same for events that may share a call. */
  readonly key: string;
}

/** What one object is sent of a batch. */
interface Share extends Route {
  readonly events: AnalyticsEvent[];
}

/** Counts one event, together with what other requests send to the same object now. */
export async function recordEvent(
  edge: AnalyticsEdge,
  event: AnalyticsEvent,
  waitUntil: WaitUntil,
): Promise<Result<undefined>> {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const routing = await rules(edge, round, event.timestamp, waitUntil);
    if (!routing.ok) return routing;
    const { key, address, claim } = routeOf(routing.value, event);
    const commit = async (events: readonly SliceEvent[]) => {
      const outcome = await edge.record(address, claim, events);
      return outcome.ok ? succeed(events.map(() => outcome.value.kind)) : outcome;
    };
    const kind = await edge.singles.write(key, toSliceEvent(event), commit, waitUntil);
    if (!kind.ok) return kind;
    if (kind.value === "recorded") return succeed(undefined);
  }
  return unsettled();
}

/** Counts a batch: each object's share in one transaction. There is none over all of them. */
export async function recordEvents(
  edge: AnalyticsEdge,
  events: readonly AnalyticsEvent[],
  waitUntil: WaitUntil,
): Promise<Result<EventsAnswer>> {
  let pending = events;
  let duplicates = 0;
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const latest = pending.reduce((max, { timestamp }) => Math.max(max, timestamp), 0);
    const routing = await rules(edge, round, latest, waitUntil);
    if (!routing.ok) return routing;
    let failure: Problem | undefined;
    const refused: AnalyticsEvent[] = [];
    await inLanes(sharesOf(routing.value, pending), LANES_MAX, async ({ address, claim, events: share }) => {
      if (failure !== undefined) return;
      const outcome = await edge.record(address, claim, share.map(toSliceEvent));
      if (!outcome.ok) failure ??= outcome.problem;
      else if (outcome.value.kind === "stale") refused.push(...share);
      else duplicates += outcome.value.duplicates;
    });
    if (failure !== undefined) return { ok: false, problem: failure };
    if (refused.length === 0) return succeed({ accepted: events.length - duplicates, duplicates });
    pending = refused;
  }
  return unsettled();
}

function rules(edge: AnalyticsEdge, round: number, latest: number, waitUntil: WaitUntil): Promise<Result<Routing>> {
  return round === 1 ? edge.routing.through(latest, waitUntil) : edge.routing.refresh(waitUntil);
}

function sharesOf(routing: Routing, events: readonly AnalyticsEvent[]): readonly Share[] {
  const shares = new Map<string, Share>();
  for (const event of events) {
    const route = routeOf(routing, event);
    let share = shares.get(route.key);
    if (share === undefined) shares.set(route.key, (share = { ...route, events: [] }));
    share.events.push(event);
  }
  return [...shares.values()];
}

function routeOf(routing: Routing, { site, timestamp, user }: AnalyticsEvent): Route {
  const start = sliceStart(routing, timestamp);
  const shards = shardsOf(routing, start);
  const address = { site, start, shard: shardOf(user, shards) };
  const claim = { start, sliceMs: routing.sliceMs, shards };
  return { address, claim, key: `${objectName(address)}\n${shards}\n${routing.sliceMs}` };
}

function toSliceEvent({ user, event, id }: AnalyticsEvent): SliceEvent {
  return id === undefined ? { user, event } : { user, event, id };
}

function unsettled(): Result<never> {
  return refuseForNow("The routing rules are changing; what was not counted may be sent again.");
}
