/**
 * The token bucket: a caller has so many requests at once, and each that is let through is given back after a while.
 * In any time t at most `tokensMax + t * tokensPerMs` are let through, however they fall.
 */
export interface BucketRate {
  /** How many may come at once. */
  readonly tokensMax: number;
  readonly tokensPerMs: number;
}

export interface Bucket {
  readonly tokens: number;
  /** When it held them. */
  readonly atMs: number;
}

export type Draw =
  | { readonly kind: "taken"; readonly bucket: Bucket }
  /** `waitMs` from now there will be a token, if nobody else takes it. */
  | { readonly kind: "empty"; readonly waitMs: number };

/** @param bucket `undefined` for a caller who has not been seen, or not for so long that the bucket is full */
export function drawToken(bucket: Bucket | undefined, { tokensMax, tokensPerMs }: BucketRate, nowMs: number): Draw {
  // A clock that steps back brings nothing, and takes nothing away.
  const passedMs = bucket === undefined ? 0 : Math.max(0, nowMs - bucket.atMs);
  const tokens = bucket === undefined ? tokensMax : Math.min(tokensMax, bucket.tokens + passedMs * tokensPerMs);
  if (tokens < 1) return { kind: "empty", waitMs: (1 - tokens) / tokensPerMs };
  return { kind: "taken", bucket: { tokens: tokens - 1, atMs: nowMs } };
}
