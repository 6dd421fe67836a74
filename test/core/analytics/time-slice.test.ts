/** Slice arithmetic against the same in integers without end. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isSliceStart,
  SLICE_MS_MAX,
  SLICE_MS_MIN,
  sliceStart,
  sliceStartFrom,
  TIMESTAMP_MS_MAX as TIMESTAMP_MAX,
} from "../../../src/core/analytics/time-slice.ts";

const timestamp = fc.oneof(
  fc.integer({ min: 0, max: TIMESTAMP_MAX }),
  fc.integer({ min: 0, max: 10_000 }),
  fc.integer({ min: TIMESTAMP_MAX - 10_000, max: TIMESTAMP_MAX }),
);
const grid = fc.record({
  sliceMs: fc.oneof(fc.integer({ min: SLICE_MS_MIN, max: SLICE_MS_MAX }), fc.constantFrom(SLICE_MS_MIN, 3_600_000)),
  firstSlice: timestamp,
});

/** By definition: the greatest start that is not after `at`. */
function expectedStart(sliceMs: bigint, first: bigint, at: bigint): bigint {
  let k = (at - first) / sliceMs;
  while (first + k * sliceMs > at) k -= 1n;
  while (first + (k + 1n) * sliceMs <= at) k += 1n;
  return first + k * sliceMs;
}

describe("time slices", () => {
  test("[A1] the start of a slice is exact for every timestamp, first slice and length", () => {
    fc.assert(
      fc.property(grid, timestamp, (slices, at) => {
        const start = sliceStart(slices, at);
        expect(BigInt(start)).toBe(expectedStart(BigInt(slices.sliceMs), BigInt(slices.firstSlice), BigInt(at)));
        expect(Math.abs(start)).toBeLessThanOrEqual(TIMESTAMP_MAX);
        expect(() => new Date(start).toISOString()).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  test("[A1] a slice begins with its start and ends before the next", () => {
    fc.assert(
      fc.property(grid, timestamp, (slices, at) => {
        const start = sliceStart(slices, at);
        expect(sliceStart(slices, start)).toBe(start);
        expect(isSliceStart(slices, start)).toBe(true);
        expect(sliceStart(slices, start + slices.sliceMs - 1)).toBe(start);
        expect(sliceStart(slices, start + slices.sliceMs)).toBe(start + slices.sliceMs);
        expect(sliceStart(slices, start - 1)).toBe(start - slices.sliceMs);
      }),
    );
  });

  test("[A1] quotients that floating point would round up stay in their slice", () => {
    const slices = { sliceMs: 1_000, firstSlice: 0 };
    expect(sliceStart(slices, 8_639_999_999_999_999)).toBe(8_639_999_999_999_000);
    expect(sliceStart({ sliceMs: 1_000, firstSlice: 1 }, TIMESTAMP_MAX)).toBe(8_639_999_999_999_001);
    expect(sliceStart({ sliceMs: 1_000, firstSlice: TIMESTAMP_MAX }, 1)).toBe(0);
    expect(sliceStart({ sliceMs: 3_600_000, firstSlice: 1_800_000 }, 0)).toBe(-1_800_000);
  });

  test("[A8] the first start from a timestamp on is that timestamp or the next start", () => {
    const slices = { sliceMs: 1_000, firstSlice: 300 };
    expect([299, 300, 301, 1_300].map((at) => sliceStartFrom(slices, at))).toEqual([300, 300, 1_300, 1_300]);
  });
});
