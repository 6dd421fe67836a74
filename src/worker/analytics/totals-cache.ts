/**
 * Totals of shards as this isolate knows them, each with the time at which it was exact. Acknowledged writes bring them
 * too, so an isolate reads its own writes. Bounded; what was not used for long goes first.
 */
import { eventsIn } from "../../core/analytics/totals.ts";
import type { Totals } from "../../core/analytics/totals.ts";
import { RecentMap } from "../../core/recent-map.ts";

/** Some 200 bytes each. */
const ENTRIES_MAX = 20_000;

export interface KnownTotals {
  readonly totals: Totals;
  /** Everything acknowledged before is in the totals. */
  readonly asOfMs: number;
}

export class TotalsCache {
  readonly #known: RecentMap<string, KnownTotals>;

  constructor(entriesMax = ENTRIES_MAX) {
    this.#known = new RecentMap(entriesMax);
  }

  /** @param sinceMs how long ago it may have been that they were exact */
  get(name: string, sinceMs: number): KnownTotals | undefined {
    const known = this.#known.get(name);
    return known !== undefined && known.asOfMs >= sinceMs ? known : undefined;
  }

  /** Answers may overtake each other: totals with fewer events than are known are older than those. */
  put(name: string, totals: Totals, asOfMs: number): void {
    const known = this.#known.get(name);
    if (known === undefined) return this.#known.set(name, { totals, asOfMs });
    const newer = eventsIn(totals) >= eventsIn(known.totals) ? totals : known.totals;
    this.#known.set(name, { totals: newer, asOfMs: Math.max(asOfMs, known.asOfMs) });
  }
}
