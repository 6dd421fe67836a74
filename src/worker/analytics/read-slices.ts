/**
 * Reads totals for one request: of shards whose totals this isolate has known for less than the time they may be old, from
 * memory; of the others, from their objects, and requests that miss the same shard together make one call.
 */
import { shardsOf } from "../../core/analytics/routing.ts";
import type { SliceClaim } from "../../core/analytics/routing.ts";
import { sliceStart } from "../../core/analytics/time-slice.ts";
import { addTotals, NO_TOTALS } from "../../core/analytics/totals.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { inLanes } from "../lanes.ts";
import { countTotalsReads } from "../operations/metrics.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { AnalyticsEdge } from "./analytics-edge.ts";
import { objectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";
import type { CataloguedSlice } from "./slice-catalogue.ts";
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

export class SliceReader {
  readonly #edge: AnalyticsEdge;
  readonly #site: string;
  readonly #fresh: boolean;
  readonly #waitUntil: WaitUntil;

  /** @param fresh asks the objects, whatever is known */
  constructor(edge: AnalyticsEdge, site: string, fresh: boolean, waitUntil: WaitUntil) {
    this.#edge = edge;
    this.#site = site;
    this.#fresh = fresh;
    this.#waitUntil = waitUntil;
  }

  /** All shards of the slice that holds `timestamp`. */
  async readAt(timestamp: number): Promise<Result<SliceReading>> {
    const routing = await this.#edge.routing.through(timestamp, this.#waitUntil);
    if (!routing.ok) return routing;
    const start = sliceStart(routing.value, timestamp);
    const shards = [...Array(shardsOf(routing.value, start)).keys()];
    return this.read({ start, sliceMs: routing.value.sliceMs }, shards);
  }

  async read(slice: Pick<SliceClaim, "start" | "sliceMs">, shards: readonly number[]): Promise<Result<SliceReading>> {
    const { start, sliceMs } = slice;
    const nowMs = this.#edge.now();
    const isPast = nowMs - (start + sliceMs) > LONG_AGO_MS;
    const maxStalenessMs = this.#fresh ? 0 : isPast ? PAST_STALENESS_MS : STALENESS_MS;
    const addresses = shards.map((shard): SliceAddress => ({ site: this.#site, start, shard }));
    const sinceMs = nowMs - maxStalenessMs;
    const remembered = this.#remembered(addresses, sinceMs);
    const readings = remembered === undefined ? await this.#ask(addresses, sinceMs) : succeed(remembered);
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

  /** Slices that hold data, those of their shards that do; so many slices at the same time. */
  async readEach(slices: readonly CataloguedSlice[], lanesMax: number): Promise<Result<readonly SliceReading[]>> {
    return allOf(await inLanes(slices, lanesMax, ({ claim, shards }) => this.read(claim, shards)));
  }

  /** How old an answer of all these may be. */
  stalenessMsOf(readings: readonly SliceReading[]): number {
    const leastMs = this.#fresh ? 0 : STALENESS_MS;
    return readings.reduce((oldest, { maxStalenessMs }) => Math.max(oldest, maxStalenessMs), leastMs);
  }

  /** `undefined` unless the totals of all shards are known here: then there is nothing to wait for. */
  #remembered(addresses: readonly SliceAddress[], sinceMs: number): readonly KnownTotals[] | undefined {
    if (this.#fresh) return undefined;
    const known: KnownTotals[] = [];
    for (const address of addresses) {
      const totals = this.#edge.totals.get(objectName(address), sinceMs);
      if (totals === undefined) return undefined;
      known.push(totals);
    }
    return known;
  }

  async #ask(addresses: readonly SliceAddress[], sinceMs: number): Promise<Result<readonly KnownTotals[]>> {
    return allOf(await inLanes(addresses, LANES_MAX, (address) => this.#askShard(address, sinceMs)));
  }

  async #askShard(address: SliceAddress, sinceMs: number): Promise<Result<KnownTotals>> {
    // Whoever wants it fresh wants what was acknowledged before now, which a call that is under way may have missed.
    if (this.#fresh) return this.#edge.readTotals(address);
    const name = objectName(address);
    const known = this.#edge.totals.get(name, sinceMs);
    countTotalsReads(known === undefined ? 0 : 1, known === undefined ? 1 : 0);
    if (known !== undefined) return succeed(known);
    return this.#edge.reads.run(name, () => this.#edge.readTotals(address), this.#waitUntil);
  }
}

/** The values, or the first refusal. */
function allOf<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const values: T[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return succeed(values);
}
