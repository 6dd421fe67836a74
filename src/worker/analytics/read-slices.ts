/**
 * Reads totals: of shards whose totals this isolate has known for less than the time they may be old, from memory; of the
 * others, from their objects, and requests that miss the same shard together make one call.
 */
import { shardsOf } from "../../core/analytics/routing.ts";
import { sliceStart } from "../../core/analytics/time-slice.ts";
import { addTotals, NO_TOTALS } from "../../core/analytics/totals.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { inLanes } from "../lanes.ts";
import { countTotalsReads } from "../operations/metrics.ts";
import type { WaitUntil } from "../single-flight.ts";
import type { AnalyticsEdge } from "./analytics-edge.ts";
import { objectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";
import type { KnownTotals } from "./totals-cache.ts";

/** How old an answer may be. */
const STALENESS_MS = 1_000;
/** The same for slices that ended long ago. */
const PAST_STALENESS_MS = 60_000;
const LONG_AGO_MS = 86_400_000;

/** Calls of one request that are under way at the same time. */
const LANES_MAX = 32;

export interface SliceReading {
  readonly start: number;
  /** In the order of the shards that were asked for. */
  readonly shards: readonly Totals[];
  readonly sum: Totals;
  /** Everything acknowledged before is in the totals. */
  readonly asOfMs: number;
  readonly maxStalenessMs: number;
}

/** @param fresh asks the objects, whatever is known */
export async function readSliceAt(
  edge: AnalyticsEdge,
  site: string,
  timestamp: number,
  fresh: boolean,
  waitUntil: WaitUntil,
): Promise<Result<SliceReading>> {
  const routing = await edge.routing.through(timestamp, waitUntil);
  if (!routing.ok) return routing;
  const start = sliceStart(routing.value, timestamp);
  const shards = Array.from({ length: shardsOf(routing.value, start) }, (_, shard) => shard);
  return readShards(edge, site, { start, sliceMs: routing.value.sliceMs }, shards, fresh, waitUntil);
}

export async function readShards(
  edge: AnalyticsEdge,
  site: string,
  { start, sliceMs }: { readonly start: number; readonly sliceMs: number },
  shards: readonly number[],
  fresh: boolean,
  waitUntil: WaitUntil,
): Promise<Result<SliceReading>> {
  const nowMs = edge.now();
  const isPast = nowMs - (start + sliceMs) > LONG_AGO_MS;
  const maxStalenessMs = fresh ? 0 : isPast ? PAST_STALENESS_MS : STALENESS_MS;
  const sinceMs = nowMs - maxStalenessMs;
  const remembered = fresh ? undefined : rememberedTotals(edge, site, start, shards, sinceMs);
  const readings =
    remembered === undefined
      ? await askShards(edge, site, start, shards, sinceMs, fresh, waitUntil)
      : succeed(remembered);
  if (!readings.ok) return readings;
  if (remembered !== undefined) countTotalsReads(shards.length, 0);
  const known = readings.value;
  return succeed({
    start,
    shards: known.map(({ totals }) => totals),
    sum: known.reduce((sum, { totals }) => addTotals(sum, totals), NO_TOTALS),
    asOfMs: known.reduce((oldest, { asOfMs }) => Math.min(oldest, asOfMs), nowMs),
    maxStalenessMs,
  });
}

/** `undefined` unless the totals of all shards are known here: then there is nothing to wait for. */
function rememberedTotals(
  edge: AnalyticsEdge,
  site: string,
  start: number,
  shards: readonly number[],
  sinceMs: number,
): readonly KnownTotals[] | undefined {
  const known: KnownTotals[] = [];
  for (const shard of shards) {
    const totals = edge.totals.get(objectName({ site, start, shard }), sinceMs);
    if (totals === undefined) return undefined;
    known.push(totals);
  }
  return known;
}

async function askShards(
  edge: AnalyticsEdge,
  site: string,
  start: number,
  shards: readonly number[],
  sinceMs: number,
  fresh: boolean,
  waitUntil: WaitUntil,
): Promise<Result<readonly KnownTotals[]>> {
  const readings = await inLanes(shards, LANES_MAX, (shard) =>
    readShard(edge, { site, start, shard }, sinceMs, fresh, waitUntil),
  );
  const known: KnownTotals[] = [];
  for (const reading of readings) {
    if (!reading.ok) return reading;
    known.push(reading.value);
  }
  return succeed(known);
}

async function readShard(
  edge: AnalyticsEdge,
  address: SliceAddress,
  sinceMs: number,
  fresh: boolean,
  waitUntil: WaitUntil,
): Promise<Result<KnownTotals>> {
  // Whoever wants it fresh wants what was acknowledged before now, which a call that is under way may have missed.
  if (fresh) return edge.readTotals(address);
  const name = objectName(address);
  const known = edge.totals.get(name, sinceMs);
  countTotalsReads(known === undefined ? 0 : 1, known === undefined ? 1 : 0);
  if (known !== undefined) return succeed(known);
  return edge.reads.run(name, () => edge.readTotals(address), waitUntil);
}
