/** What this isolate knows and shares among its requests: rules, totals, and calls that are under way. */
import type { SliceClaim } from "../../core/analytics/routing.ts";
import type { SliceEvent } from "../../core/analytics/slice-shard.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { GroupCommit } from "../group-commit.ts";
import { countEntries } from "../operations/metrics.ts";
import { SingleFlight } from "../single-flight.ts";
import type { AnalyticsObjects } from "./analytics-objects.ts";
import { RoutingCache } from "./routing-cache.ts";
import { objectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";
import type { RecordOutcome } from "./slice-object.ts";
import { TotalsCache } from "./totals-cache.ts";
import type { KnownTotals } from "./totals-cache.ts";

export class AnalyticsEdge {
  readonly objects: AnalyticsObjects;
  readonly now: () => number;
  readonly routing: RoutingCache;
  readonly totals = new TotalsCache();
  /** Reads of totals. */
  readonly reads = new SingleFlight<KnownTotals>();
  /** Single events for the same object share a call. */
  readonly singles = new GroupCommit<SliceEvent, RecordOutcome["kind"]>("analytics");

  constructor(objects: AnalyticsObjects, now: () => number = Date.now) {
    this.objects = objects;
    this.now = now;
    this.routing = new RoutingCache(() => objects.routing(), now);
  }

  /** Counts events in one object, and learns its totals from the acknowledgement. */
  async record(
    address: SliceAddress,
    claim: SliceClaim,
    events: readonly SliceEvent[],
  ): Promise<Result<RecordOutcome>> {
    const asOfMs = this.now();
    const outcome = await this.objects.record(address, claim, events);
    if (outcome.ok && outcome.value.kind === "recorded") {
      const { totals, duplicates } = outcome.value;
      this.totals.put(objectName(address), totals, asOfMs, this.now());
      countEntries("analytics", "accepted", events.length - duplicates);
      countEntries("analytics", "duplicate", duplicates);
    }
    return outcome;
  }

  /** Asks the object itself. */
  async readTotals(address: SliceAddress): Promise<Result<KnownTotals>> {
    const asOfMs = this.now();
    const totals = await this.objects.totals(address);
    if (!totals.ok) return totals;
    this.totals.put(objectName(address), totals.value, asOfMs, this.now());
    return succeed({ totals: totals.value, asOfMs });
  }
}
