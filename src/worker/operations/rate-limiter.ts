/**
 * Limits how often each caller may come, in this isolate. Where the platform counts for all isolates of a place, its count
 * is used instead (`rate-limits.ts`).
 *
 * Bounded: of very many callers those that have not come for longest are forgotten, and begin anew.
 */
import { RecentMap } from "../../core/recent-map.ts";
import { drawToken } from "../../core/token-bucket.ts";
import type { Bucket, BucketRate } from "../../core/token-bucket.ts";

/** Some 200 bytes each. */
const CALLERS_MAX = 20_000;
const MS_PER_MINUTE = 60_000;

export class RateLimiter {
  readonly #rate: BucketRate;
  readonly #buckets: RecentMap<string, Bucket>;

  constructor(requestsPerMinute: number, callersMax = CALLERS_MAX) {
    this.#rate = { tokensMax: requestsPerMinute, tokensPerMs: requestsPerMinute / MS_PER_MINUTE };
    this.#buckets = new RecentMap(callersMax);
  }

  /** How long `caller` must wait before its next request; 0: this one is let through. */
  waitMs(caller: string, nowMs: number): number {
    const draw = drawToken(this.#buckets.get(caller), this.#rate, nowMs);
    if (draw.kind === "empty") return draw.waitMs;
    this.#buckets.set(caller, draw.bucket);
    return 0;
  }
}
