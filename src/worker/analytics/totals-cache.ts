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

interface Learned extends KnownTotals {
  /** When the totals were answered. */
  readonly learnedMs: number;
}

export class TotalsCache {
  readonly #entriesMax: number;
  #known: RecentMap<string, Learned>;
  #clearedMs = -Infinity;

  constructor(entriesMax = ENTRIES_MAX) {
    this.#entriesMax = entriesMax;
    this.#known = new RecentMap(entriesMax);
  }

  /** Forgets everything, and what was asked for before now: a site was erased. */
  clear(nowMs: number): void {
    this.#known = new RecentMap(this.#entriesMax);
    this.#clearedMs = nowMs;
  }

  /** @param sinceMs how long ago it may have been that they were exact */
  get(name: string, sinceMs: number): KnownTotals | undefined {
    const known = this.#known.get(name);
    return known !== undefined && known.asOfMs >= sinceMs ? known : undefined;
  }

  /**
   * Answers may overtake each other: totals with fewer events than are known are older than those. Unless they were asked
   * for when the others were known already: then the site was erased, by way of another isolate.
   *
   * @param asOfMs when they were asked for
   * @param learnedMs when they were answered
   */
  put(name: string, totals: Totals, asOfMs: number, learnedMs: number): void {
    if (asOfMs <= this.#clearedMs) return;
    const known = this.#known.get(name);
    const isNewer = known === undefined || asOfMs > known.learnedMs || eventsIn(totals) >= eventsIn(known.totals);
    if (isNewer) this.#known.set(name, { totals, asOfMs: Math.max(asOfMs, known?.asOfMs ?? 0), learnedMs });
    else this.#known.set(name, { ...known, asOfMs: Math.max(asOfMs, known.asOfMs) });
  }
}
