/** What the edge asks of the objects of analytics. Tests put others in their place. */
import type { Routing, SliceClaim } from "../../core/analytics/routing.ts";
import type { SliceEvent } from "../../core/analytics/slice-shard.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import type { Result } from "../../protocol/problem.ts";
import type { SliceAddress } from "./slice-address.ts";
import type { CataloguedSlice } from "./slice-catalogue.ts";
import type { RecordOutcome } from "./slice-object.ts";

export interface AnalyticsObjects {
  routing(): Promise<Result<Routing>>;

  /** Counts events; with `stale` nothing was counted, because they were routed by rules that have changed. */
  record(address: SliceAddress, claim: SliceClaim, events: readonly SliceEvent[]): Promise<Result<RecordOutcome>>;

  totals(address: SliceAddress): Promise<Result<Totals>>;

  /** The slices of `site` that hold data and start at `from` or later and before `to`, the earliest first. */
  slices(site: string, from: number, to: number, limit: number): Promise<Result<readonly CataloguedSlice[]>>;
}
