/**
 * The totals of each slice from one timestamp to another, zeros included. Only shards that hold data are asked; of how many
 * that may be is bounded, since the platform bounds the calls of a request.
 */
import { sliceStart, sliceStartFrom } from "../../core/analytics/time-slice.ts";
import { NO_TOTALS } from "../../core/analytics/totals.ts";
import type { SliceRow } from "../../protocol/analytics.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { AnalyticsEdge } from "./analytics-edge.ts";
import { SliceReader } from "./read-slices.ts";
import { toRow } from "./slice-answer.ts";

/** Slices that are read at the same time. */
const LANES_MAX = 16;

export interface SliceRange {
  readonly slices: readonly SliceRow[];
  readonly maxStalenessMs: number;
}

/** @param to exclusive */
export async function sliceRange(
  edge: AnalyticsEdge,
  { site, from, to }: { readonly site: string; readonly from: number; readonly to: number },
  fresh: boolean,
  waitUntil: WaitUntil,
): Promise<Result<SliceRange>> {
  const routing = await edge.routing.through(to, waitUntil);
  if (!routing.ok) return routing;
  const { sliceMs } = routing.value;
  const first = sliceStart(routing.value, from);
  const count = (sliceStartFrom(routing.value, to) - first) / sliceMs;
  const { rangeSlicesMax, rangeShardsMax } = limits;
  if (count > rangeSlicesMax) {
    return refuseField("to", `must be at most ${rangeSlicesMax} slices after from, which would be ${count}`);
  }
  const catalogued = await edge.objects.slices(site, first, to, rangeSlicesMax);
  if (!catalogued.ok) return catalogued;
  const shards = catalogued.value.reduce((sum, slice) => sum + slice.shards.length, 0);
  if (shards > rangeShardsMax) {
    return refuseField("to", `must leave at most ${rangeShardsMax} shards with data to read, which would be ${shards}`);
  }

  const reader = new SliceReader(edge, site, fresh, waitUntil);
  const readings = await reader.readEach(catalogued.value, LANES_MAX);
  if (!readings.ok) return readings;
  const rows = new Map(readings.value.map(({ start, sum }) => [start, toRow(start, sum)]));
  const slices = Array.from({ length: count }, (_, index): SliceRow => {
    const start = first + index * sliceMs;
    return rows.get(start) ?? toRow(start, NO_TOTALS);
  });
  return succeed({ slices, maxStalenessMs: reader.stalenessMsOf(readings.value) });
}
