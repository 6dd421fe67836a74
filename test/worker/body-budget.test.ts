import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { BodyBudget, BodyLease } from "../../src/worker/body-budget.ts";

function lease(budget: BodyBudget): BodyLease {
  return new BodyLease(() => {}, budget);
}

describe("the budget of bodies", () => {
  test("has room up to its bound, and not for one byte more", () => {
    const budget = new BodyBudget(10, 4);
    const [one, other] = [lease(budget), lease(budget)];
    expect([one.take(10, false), other.take(1, false), other.take(0, false)]).toEqual([true, false, true]);
    expect(budget.bytes).toBe(10);
  });

  test("keeps room for short bodies, whatever the long ones take", () => {
    const budget = new BodyBudget(10, 4);
    const [long, longer, short] = [lease(budget), lease(budget), lease(budget)];
    expect([long.take(6, true), longer.take(1, true)]).toEqual([true, false]);
    expect([short.take(4, false), short.take(1, false)]).toEqual([true, false]);
    long.end();
    expect(longer.take(6, true)).toBe(true);
  });

  test("gets back from a lease that ends what it took, once, and gives it nothing more", () => {
    const budget = new BodyBudget(10, 4);
    const chunks = lease(budget);
    expect([chunks.take(3, true), chunks.take(3, true), chunks.take(1, true)]).toEqual([true, true, false]);
    chunks.end();
    chunks.end();
    expect([budget.bytes, chunks.take(1, false), budget.bytes]).toEqual([0, false, 0]);
  });

  test("never holds more than its bound, and is empty when all leases have ended", () => {
    const takes = fc.array(fc.record({ of: fc.nat(2), bytes: fc.nat(5), isLong: fc.boolean(), end: fc.boolean() }));
    fc.assert(
      fc.property(takes, (steps) => {
        const budget = new BodyBudget(10, 4);
        const leases = [lease(budget), lease(budget), lease(budget)];
        for (const { of, bytes, isLong, end } of steps) {
          if (end) leases[of]!.end();
          else leases[of]!.take(bytes, isLong);
          expect(budget.bytes).toBeGreaterThanOrEqual(0);
          expect(budget.bytes).toBeLessThanOrEqual(10);
        }
        for (const each of leases) each.end();
        expect(budget.bytes).toBe(0);
        expect(lease(budget).take(6, true)).toBe(true);
      }),
    );
  });

  test("forgets what was never given back, but not before its request must have been answered", () => {
    vi.useFakeTimers();
    try {
      const budget = new BodyBudget(10, 4);
      expect(lease(budget).take(6, true)).toBe(true);
      vi.advanceTimersByTime(60_000);
      const later = lease(budget);
      expect([lease(budget).take(1, true), later.take(4, false)]).toEqual([false, true]);
      vi.advanceTimersByTime(60_000);
      expect([lease(budget).take(6, true), budget.bytes]).toEqual([true, 10]);
      later.end();
      expect(budget.bytes).toBe(6);
    } finally {
      vi.useRealTimers();
    }
  });

  test("keeps a request with a long body going until it gives back what it took", async () => {
    const kept: Promise<unknown>[] = [];
    const budget = new BodyBudget(10, 4);
    const [short, long] = [
      new BodyLease((each) => kept.push(each), budget),
      new BodyLease((each) => kept.push(each), budget),
    ];
    short.take(1, false);
    long.take(1, true);
    long.take(1, true);
    expect(kept).toHaveLength(1);
    long.end();
    await expect(kept[0]).resolves.toBeUndefined();
  });
});
