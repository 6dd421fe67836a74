/**
 * How fast one connection may send messages. Requests are limited where they arrive, but a connection is let in once and
 * may then send for days, so whatever keeps it keeps count too.
 *
 * Who goes past the limit is told so and may go on when it has waited; who doesn't care is to be sent away, which brings it
 * back under the limits of requests. A `ping` is answered by the platform, and not counted.
 *
 * The count is kept in memory. An object leaves the memory after ten seconds in which nothing happens to it, and in so
 * long an allowance is full again, so there is nothing that it could forget.
 */
import { drawToken } from "../../core/token-bucket.ts";
import type { Bucket, BucketRate } from "../../core/token-bucket.ts";
import type { Problem } from "../../protocol/problem.ts";

/** What is saved up in silence; the platform lets objects hibernate after this. */
export const SAVED_UP_MS = 10_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1_000;

/** So many messages past the limit are answered. */
export const REFUSALS_MAX = 100;
const REFUSALS: BucketRate = { tokensMax: REFUSALS_MAX, tokensPerMs: REFUSALS_MAX / SAVED_UP_MS };

/** What a connection is closed with that doesn't heed the limit. */
export const TOO_MANY_REASON = "too many messages";

export type Admission =
  | { readonly kind: "taken" }
  /** To be answered with the problem, and not carried out. */
  | { readonly kind: "refused"; readonly problem: Problem }
  /** It was told often enough. */
  | { readonly kind: "over" };

const TAKEN: Admission = { kind: "taken" };
const OVER: Admission = { kind: "over" };

export class MessageMeter {
  readonly #rate: BucketRate;
  #messages: Bucket | undefined;
  #refusals: Bucket | undefined;

  /** @param messagesPerMinute at least 6, which is one in ten seconds */
  constructor(messagesPerMinute: number) {
    const tokensPerMs = messagesPerMinute / MS_PER_MINUTE;
    this.#rate = { tokensMax: Math.floor((messagesPerMinute * SAVED_UP_MS) / MS_PER_MINUTE), tokensPerMs };
  }

  /** Counts a message. */
  admit(nowMs: number): Admission {
    const draw = drawToken(this.#messages, this.#rate, nowMs);
    if (draw.kind === "taken") {
      this.#messages = draw.bucket;
      return TAKEN;
    }
    const refusal = drawToken(this.#refusals, REFUSALS, nowMs);
    if (refusal.kind === "empty") return OVER;
    this.#refusals = refusal.bucket;
    const retryAfterS = Math.ceil(draw.waitMs / MS_PER_S);
    const detail = `Too many messages on this connection; go on in ${retryAfterS} s.`;
    return { kind: "refused", problem: { code: "rate_limited", detail, retryAfterS } };
  }
}
