import fc from "fast-check";
import { expect, test } from "vitest";
import { drawToken } from "../../src/core/token-bucket.ts";
import type { Bucket, BucketRate } from "../../src/core/token-bucket.ts";

const RATE: BucketRate = { tokensMax: 3, tokensPerMs: 0.5 };

/** Which of requests at `times` are let through. */
function letThrough(times: readonly number[], rate = RATE): readonly boolean[] {
  let bucket: Bucket | undefined;
  return times.map((nowMs) => {
    const draw = drawToken(bucket, rate, nowMs);
    if (draw.kind === "taken") bucket = draw.bucket;
    return draw.kind === "taken";
  });
}

const gaps = fc.array(fc.nat(5), { maxLength: 60 });

function timesOf(steps: readonly number[]): readonly number[] {
  let nowMs = 1_000;
  return steps.map((step) => (nowMs += step));
}

test("[O1] lets as many through at once as there may be, and not one more", () => {
  expect(letThrough([7, 7, 7, 7])).toEqual([true, true, true, false]);
  expect(letThrough([7, 7, 7, 7, 8, 9, 9])).toEqual([true, true, true, false, false, true, false]);
});

test("[O1] lets no more through in any time than what there may be at once and what that time brings", () => {
  fc.assert(
    fc.property(gaps, (steps) => {
      const times = timesOf(steps);
      const passed = letThrough(times);
      for (let first = 0; first < times.length; first++) {
        let count = 0;
        for (let last = first; last < times.length; last++) {
          if (passed[last]) count += 1;
          const allowed = RATE.tokensMax + (times[last]! - times[first]!) * RATE.tokensPerMs;
          expect(count).toBeLessThanOrEqual(allowed + 1e-9);
        }
      }
    }),
  );
});

test("[O1] refuses nobody who stays within the rate", () => {
  fc.assert(
    fc.property(gaps, (extra) => {
      const times = timesOf(extra.map((each) => each + 2));
      expect(letThrough(times)).not.toContain(false);
    }),
  );
});

test("[O1] says when to come again: then there is a token, and a moment earlier there is none", () => {
  fc.assert(
    fc.property(gaps, fc.nat(3), (steps, later) => {
      let bucket: Bucket | undefined;
      for (const nowMs of timesOf(steps)) {
        const draw = drawToken(bucket, RATE, nowMs);
        if (draw.kind === "taken") bucket = draw.bucket;
        else {
          expect(drawToken(bucket, RATE, nowMs + draw.waitMs + later).kind).toBe("taken");
          expect(drawToken(bucket, RATE, nowMs + draw.waitMs - 0.001).kind).toBe("empty");
        }
      }
    }),
  );
});

test("[O1] neither gives nor takes when the clock steps back", () => {
  expect(letThrough([9, 9, 9, 1, 2, 9])).toEqual([true, true, true, false, false, false]);
  expect(letThrough([9, 1, 1, 1])).toEqual([true, true, true, false]);
});
