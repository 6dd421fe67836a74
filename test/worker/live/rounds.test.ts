import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Rounds } from "../../../src/worker/live/rounds.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("is at once at rest, and an interval after the last under load", () => {
  const run = vi.fn();
  const rounds = new Rounds(run);
  rounds.next(50);
  expect(run).toHaveBeenCalledTimes(1);
  for (let asked = 0; asked < 3; asked++) rounds.next(50);
  vi.advanceTimersByTime(49);
  expect(run).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(2);
});

test("is sooner if that is asked for, and never later", () => {
  const run = vi.fn();
  const rounds = new Rounds(run);
  rounds.next(50);
  rounds.next(50);
  rounds.within(5);
  rounds.within(1_000);
  vi.advanceTimersByTime(5);
  expect(run).toHaveBeenCalledTimes(2);
});

test("that is overdue is run by whoever asks for another, since timers may starve", () => {
  const run = vi.fn();
  const rounds = new Rounds(run);
  rounds.next(50);
  rounds.next(50);
  // Time goes on, and no timer is let run.
  vi.setSystemTime(Date.now() + 50);
  rounds.next(50);
  expect(run).toHaveBeenCalledTimes(2);
  rounds.next(50);
  vi.setSystemTime(Date.now() + 49);
  rounds.within(1_000);
  expect(run).toHaveBeenCalledTimes(2);
  vi.setSystemTime(Date.now() + 1);
  rounds.within(1_000);
  expect(run).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(5_000);
  expect(run).toHaveBeenCalledTimes(3);
});
