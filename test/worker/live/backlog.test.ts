import fc from "fast-check";
import { expect, test } from "vitest";
import { Backlog } from "../../../src/worker/live/backlog.ts";

const LIMITS = { unansweredCharsMax: 100, allUnansweredCharsMax: 250 };

test("lets each viewer have its own bound, as long as all together are within theirs", () => {
  const backlog = new Backlog(LIMITS);
  for (let viewer = 0; viewer < 5; viewer++) backlog.enter();
  backlog.add(250);
  expect(backlog.charsMaxEach).toBe(100);
  backlog.add(1);
  expect(backlog.charsMaxEach).toBe(50);
  backlog.remove(1);
  expect(backlog.charsMaxEach).toBe(100);
});

test("never lets one have more than its own bound", () => {
  const backlog = new Backlog(LIMITS);
  backlog.enter();
  backlog.add(1_000);
  expect(backlog.charsMaxEach).toBe(100);
});

test("beyond the bound there is always one that has more than it may", () => {
  const waiting = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(waiting, fc.nat(20), (chars, leaving) => {
      const backlog = new Backlog(LIMITS);
      for (const each of chars) {
        backlog.enter();
        backlog.add(each);
      }
      for (const each of chars.splice(0, leaving)) backlog.leave(each);
      const all = chars.reduce((sum, each) => sum + each, 0);
      const isBeyond = all > LIMITS.allUnansweredCharsMax;
      expect(chars.some((each) => each > backlog.charsMaxEach)).toBe(isBeyond);
    }),
  );
});
