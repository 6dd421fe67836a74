/**
 * The objects of analytics without the platform: real rules, claims and shards, in memory, on a clock that the test moves.
 * Every call passes through a point where others may come in between.
 */
import { changeRouting, claimSlice, DEFAULT_ROUTING } from "../../../src/core/analytics/routing.ts";
import type { Routing, RoutingChange, RoutingState, SliceClaim } from "../../../src/core/analytics/routing.ts";
import { MemorySliceStore } from "../../../src/core/analytics/memory-slice-store.ts";
import type { SliceEvent, SliceShard } from "../../../src/core/analytics/slice-shard.ts";
import type { Totals } from "../../../src/core/analytics/totals.ts";
import { succeed } from "../../../src/protocol/problem.ts";
import type { Result } from "../../../src/protocol/problem.ts";
import type { AnalyticsObjects } from "../../../src/worker/analytics/analytics-objects.ts";
import { objectName } from "../../../src/worker/analytics/slice-address.ts";
import type { SliceAddress } from "../../../src/worker/analytics/slice-address.ts";
import type { CataloguedSlice } from "../../../src/worker/analytics/slice-catalogue.ts";
import type { RecordOutcome } from "../../../src/worker/analytics/slice-object.ts";
import { openShard, SALT } from "../../core/analytics/slice-bench.ts";

export class AnalyticsWorld implements AnalyticsObjects {
  state: RoutingState;
  nowMs = 0;
  readonly shards = new Map<string, SliceShard>();
  /** Nobody keeps it here but the test. */
  catalogue: readonly CataloguedSlice[] = [];
  /** Calls so far, by what was called. */
  readonly calls = { routing: 0, record: 0, totals: 0, stale: 0 };
  /** What `totals` waits for. */
  gate: Promise<unknown> = Promise.resolve();
  failing = false;

  constructor(routing: Routing = DEFAULT_ROUTING) {
    this.state = { routing, lastClaimed: null };
  }

  change(next: Routing): RoutingChange {
    const change = changeRouting(this.state, next, this.nowMs);
    if (change.kind === "accepted") this.state = { ...this.state, routing: change.routing };
    return change;
  }

  async routing(): Promise<Result<Routing>> {
    this.calls.routing += 1;
    return succeed(this.state.routing);
  }

  async record(
    address: SliceAddress,
    claim: SliceClaim,
    events: readonly SliceEvent[],
  ): Promise<Result<RecordOutcome>> {
    this.calls.record += 1;
    const shard = this.#shard(address);
    await Promise.resolve();
    if (shard.claim === undefined) {
      const next = claimSlice(this.state, claim);
      if (next === undefined) return this.#stale();
      this.state = next;
      await Promise.resolve();
    } else if (shard.claim.shards !== claim.shards || shard.claim.sliceMs !== claim.sliceMs) {
      return this.#stale();
    }
    return succeed({ kind: "recorded", ...shard.record(events, claim, this.nowMs, () => SALT) });
  }

  async totals(address: SliceAddress): Promise<Result<Totals>> {
    this.calls.totals += 1;
    const totals = this.#shard(address).totals();
    await this.gate;
    if (this.failing) throw new Error("The object is gone");
    return succeed(totals);
  }

  async slices(_site: string, from: number, to: number, limit: number): Promise<Result<readonly CataloguedSlice[]>> {
    return succeed(this.catalogue.filter(({ claim: { start } }) => start >= from && start < to).slice(0, limit));
  }

  #shard(address: SliceAddress): SliceShard {
    const name = objectName(address);
    let shard = this.shards.get(name);
    if (shard === undefined) this.shards.set(name, (shard = openShard(new MemorySliceStore())));
    return shard;
  }

  #stale(): Result<RecordOutcome> {
    this.calls.stale += 1;
    return succeed({ kind: "stale" });
  }
}

/** For promises that end by themselves. */
export function waitUntil(_promise: Promise<unknown>): void {}
