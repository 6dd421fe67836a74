import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, backoffBoundMs, backoffMs } from "../../src/client/backoff.ts";

test("the bound doubles from the base to the cap", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map(backoffBoundMs)).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect(backoffBoundMs(0)).toBe(BACKOFF_BASE_MS);
  expect(backoffBoundMs(100_000)).toBe(BACKOFF_CAP_MS);
});

test("jitter is full: anything from nothing to the bound, and never the bound itself", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(2_000), chance, (failures, jitter) => {
      const ms = backoffMs(failures, jitter);
      expect(Number.isInteger(ms)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(backoffBoundMs(failures));
    }),
  );
  expect(backoffMs(5, 0)).toBe(0);
  expect(backoffMs(5, 0.5)).toBe(2_000);
  expect(backoffMs(5, 1 - Number.EPSILON)).toBe(3_999);
});
