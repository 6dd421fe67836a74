/** The totals of one slice as its shards tell them. What is older than what is known is passed over. */
import { addTotals, eventsIn, NO_TOTALS } from "../../core/analytics/totals.ts";
import type { Totals } from "../../core/analytics/totals.ts";

interface ShardTotals {
  readonly totals: Totals;
  /** By then at the latest they were exact. */
  readonly asOfMs: number;
}

export class SliceWatch {
  readonly start: number;
  readonly sliceMs: number;
  readonly shards: number;
  readonly #known: ShardTotals[];

  constructor(start: number, sliceMs: number, shards: number) {
    this.start = start;
    this.sliceMs = sliceMs;
    this.shards = shards;
    this.#known = Array.from({ length: shards }, () => ({ totals: NO_TOTALS, asOfMs: 0 }));
  }

  /** @returns whether that changed anything */
  take(shard: number, totals: Totals, asOfMs: number): boolean {
    const known = this.#known[shard];
    if (known === undefined || eventsIn(totals) < eventsIn(known.totals)) return false;
    this.#known[shard] = { totals, asOfMs: Math.max(asOfMs, known.asOfMs) };
    return eventsIn(totals) > eventsIn(known.totals);
  }

  sum(): Totals {
    return this.#known.reduce((sum, { totals }) => addTotals(sum, totals), NO_TOTALS);
  }

  events(): number {
    return eventsIn(this.sum());
  }

  /** As of when the shard that was heard of least recently was exact. */
  asOfMs(): number {
    return Math.min(...this.#known.map(({ asOfMs }) => asOfMs));
  }

  /** Where a viewer is that has seen this. */
  position(): string {
    return `${this.start}:${this.events()}`;
  }
}
