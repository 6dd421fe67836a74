/** When the tokens of sockets end, against a model that looks at all of them each time. */
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TokenEnds } from "../../../src/worker/live/token-ends.ts";

type Step =
  | { readonly kind: "enter" | "restore"; readonly holder: string; readonly endsMs: number | undefined }
  | { readonly kind: "leave"; readonly holder: string }
  | { readonly kind: "pass" | "take" };

const holder = fc.constantFrom("a", "b", "c");
const endsMs = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("enter" as const, "restore" as const), holder, endsMs }),
  fc.record({ kind: fc.constant("leave" as const), holder }),
  fc.record({ kind: fc.constantFrom("pass" as const, "take" as const) }),
);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});

afterEach(() => {
  vi.useRealTimers();
});

function alarmless<Holder>(): TokenEnds<Holder> {
  return new TokenEnds({ set: () => {} });
}

/** Takes a step, and keeps account of who is there. */
function takeStep(ends: TokenEnds<string>, there: Map<string, number>, taken: Step): void {
  switch (taken.kind) {
    case "enter":
    case "restore":
      // Each socket comes once.
      if (there.has(taken.holder)) return;
      ends[taken.kind](taken.holder, taken.endsMs);
      if (taken.endsMs !== undefined) there.set(taken.holder, taken.endsMs);
      return;
    case "leave":
      ends.leave(taken.holder);
      there.delete(taken.holder);
      return;
    case "pass":
      vi.setSystemTime(Date.now() + 1);
      return;
    case "take": {
      const ended = [...there].filter(([, atMs]) => atMs <= Date.now()).map(([name]) => name);
      const wasDue = (ends.dueMs ?? Infinity) <= Date.now();
      expect(ends.takeEnded()).toEqual(ended);
      for (const name of ended) there.delete(name);
      // Whoever looks when it is due need not look again before the next.
      if (wasDue) expect(ends.dueMs).toBe(there.size === 0 ? undefined : Math.min(...there.values()));
    }
  }
}

it("[K10] those who are taken are those who have ended, each once, and none ends before the alarm is due", () => {
  const history = fc.array(step, { maxLength: 30 });
  const check = (steps: readonly Step[]) => {
    vi.setSystemTime(0);
    const ends = alarmless<string>();
    const there = new Map<string, number>();
    for (const each of steps) {
      takeStep(ends, there, each);
      for (const name of ["a", "b", "c"]) {
        expect(ends.hasEnded(name)).toBe((there.get(name) ?? Infinity) <= Date.now());
      }
      if (there.size === 0) expect(ends.dueMs).toBeUndefined();
      else expect(ends.dueMs).toBeLessThanOrEqual(Math.min(...there.values()));
    }
  };
  fc.assert(fc.property(history, check), { numRuns: 1_000 });
});

it("[K10] sets the alarm for whoever enters with a token that ends, and for nobody else", () => {
  const set = vi.fn<() => void>();
  const ends = new TokenEnds<string>({ set });
  ends.enter("without", undefined);
  ends.restore("before", 7);
  expect(set).not.toHaveBeenCalled();
  ends.enter("with", 9);
  expect(set).toHaveBeenCalledOnce();
});

it("looks at as many as there may ever be", () => {
  const ends = alarmless<number>();
  for (let holders = 0; holders < 200_000; holders++) ends.enter(holders, 10 + (holders % 2));
  expect(ends.dueMs).toBe(10);
  vi.setSystemTime(10);
  expect(ends.takeEnded()).toHaveLength(100_000);
  expect(ends.dueMs).toBe(11);
});
