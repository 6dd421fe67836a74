import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unlessLate } from "../../src/worker/unless-late.ts";

const DEADLINE_MS = 1_000;
const never = new Promise<string>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("gives what the promise does, and leaves no timer behind that would keep its request alive", async () => {
  const kept = Promise.withResolvers<string>();
  const waiting = unlessLate(kept.promise, DEADLINE_MS, () => "late");
  expect(vi.getTimerCount()).toBe(1);
  kept.resolve("kept");
  expect([await waiting, vi.getTimerCount()]).toEqual(["kept", 0]);

  const broken = unlessLate(Promise.reject(new Error("broken")), DEADLINE_MS, () => "late");
  await expect(broken).rejects.toThrow("broken");
  expect(vi.getTimerCount()).toBe(0);
});

test("gives what is said when the deadline passes, and not before", async () => {
  const late = vi.fn<() => string>(() => "late");
  const waiting = unlessLate(never, DEADLINE_MS, late);
  await vi.advanceTimersByTimeAsync(DEADLINE_MS - 1);
  expect(late).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect([await waiting, vi.getTimerCount()]).toEqual(["late", 0]);
});
