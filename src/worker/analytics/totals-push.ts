/**
 * Tells the site's object of a shard's totals while someone watches: at once when it was quiet, at most once an interval
 * under load, and always the latest. Nobody watching costs nothing.
 *
 * Watching is a lease in memory that the site renews. A shard that was moved forgets it, and is asked again within one
 * renewal; a push that fails is made again.
 */
import type { Totals } from "../../core/analytics/totals.ts";
import { logError } from "../log.ts";

/** The shortest time between two pushes of one shard. */
const INTERVAL_MS_MIN = 100;
/** How much longer after a push that failed. */
const RETRY_MS = 1_000;
/** Pushes that one site's object takes from all shards of a slice. */
const PUSHES_PER_S_MAX = 250;

export class TotalsPush {
  readonly #totals: () => Totals;
  readonly #send: (totals: Totals) => Promise<boolean>;
  #leasedUntilMs = 0;
  #intervalMs = INTERVAL_MS_MIN;
  #sentMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param send answers whether anyone still watches */
  constructor(totals: () => Totals, send: (totals: Totals) => Promise<boolean>) {
    this.#totals = totals;
    this.#send = send;
  }

  /** @param shards how many shards the watched slice has, which share what their site can take */
  lease(untilMs: number, shards: number): void {
    this.#leasedUntilMs = untilMs;
    this.#intervalMs = Math.max(INTERVAL_MS_MIN, (shards / PUSHES_PER_S_MAX) * 1000);
  }

  changed(): void {
    if (this.#timer !== undefined || Date.now() >= this.#leasedUntilMs) return;
    const waitMs = Math.max(0, this.#sentMs + this.#intervalMs - Date.now());
    this.#timer = setTimeout(() => void this.#push(), waitMs);
  }

  async #push(): Promise<void> {
    this.#timer = undefined;
    this.#sentMs = Date.now();
    try {
      if (!(await this.#send(this.#totals()))) this.#leasedUntilMs = 0;
    } catch (error) {
      logError(error);
      this.#sentMs += RETRY_MS;
      this.changed();
    }
  }
}
