/** What is done at most once in a while. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Paced } from "../../src/viewer/paced.ts";

let done: number;
let paced: Paced;

beforeEach(() => {
  vi.useFakeTimers();
  done = 0;
  paced = new Paced(1_000, () => (done += 1));
});

afterEach(() => vi.useRealTimers());

it("is done at once after a rest, and once more for all that was asked meanwhile", () => {
  paced.request();
  expect(done).toBe(1);
  for (let times = 0; times < 10; times++) paced.request();
  vi.advanceTimersByTime(999);
  expect(done).toBe(1);
  vi.advanceTimersByTime(1);
  expect(done).toBe(2);
  vi.advanceTimersByTime(5_000);
  expect(done).toBe(2);
  paced.request();
  expect(done).toBe(3);
});

it("is not done any more once it is cancelled", () => {
  paced.request();
  paced.request();
  paced.cancel();
  vi.advanceTimersByTime(5_000);
  expect(done).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});
