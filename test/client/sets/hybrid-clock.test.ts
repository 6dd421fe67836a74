import { expect, test } from "vitest";
import { HybridClock } from "../../../src/client/sets/hybrid-clock.ts";

test("stamps with the wall clock, never twice the same, also when it steps back", () => {
  let nowMs = 1_000;
  const clock = new HybridClock(() => nowMs, 50);
  expect([clock.stamp(), clock.stamp(), clock.stamp()]).toEqual([1_000, 1_001, 1_002]);
  nowMs = 990;
  expect(clock.stamp()).toBe(1_003);
  nowMs = 2_000;
  expect(clock.stamp()).toBe(2_000);
});

test("is later than what it has seen, up to the skew and no further", () => {
  const clock = new HybridClock(() => 1_000, 50);
  expect(clock.stamp(1_049)).toBe(1_050);
  expect(clock.stamp(1_050)).toBe(1_050);
  expect(clock.stamp(99_999)).toBe(1_050);
  expect(clock.stamp()).toBe(1_050);
});

test("goes on after the stamps of an earlier life", () => {
  expect(new HybridClock(() => 1_000, 50, 1_020).stamp()).toBe(1_021);
});
