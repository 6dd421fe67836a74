import { expect, test } from "vitest";
import { RateLimiter } from "../../../src/worker/operations/rate-limiter.ts";

function passes(limiter: RateLimiter, caller: string, times: number, nowMs: number): number {
  return Array.from({ length: times }, () => limiter.waitMs(caller, nowMs)).filter((waitMs) => waitMs === 0).length;
}

test("lets each caller through as often as it may, and not once more", () => {
  const limiter = new RateLimiter(60);
  expect(passes(limiter, "a", 60, 0)).toBe(60);
  expect(limiter.waitMs("a", 0)).toBe(1_000);
  expect(passes(limiter, "b", 61, 0)).toBe(60);
  expect(passes(limiter, "a", 61, 60_000)).toBe(60);
});

test("remembers who came last of more callers than it has room for", () => {
  const limiter = new RateLimiter(1, 8);
  for (let round = 0; round < 100; round++) {
    limiter.waitMs(`other ${round}`, 0);
    expect(limiter.waitMs("regular", 0)).toBe(round === 0 ? 0 : 60_000);
  }
  expect(limiter.waitMs("other 0", 0)).toBe(0);
});
