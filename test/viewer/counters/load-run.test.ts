/** The load that a button generates. */
import { expect, it } from "vitest";
import { LOAD_ITEMS, loadItems, runLoad } from "../../../src/viewer/counters/load-run.ts";
import type { LoadOptions } from "../../../src/viewer/counters/load-run.ts";

/** Counts as the server would. */
function counting(seen: Set<string>): LoadOptions["observe"] {
  return async (items) =>
    items.map(({ id, tenant }) => {
      const key = `${tenant}/${id}`;
      if (seen.has(key)) return "duplicate";
      seen.add(key);
      return "new";
    });
}

const options = { tenants: ["a", "b", "c"], name: "run", progress: () => {}, pause: async () => {} };

it.each([1, 3, 20])("has 1,000 items over %i tenants, each id twice, spread evenly", (tenantCount) => {
  const tenants = Array.from({ length: tenantCount }, (_, index) => `t${index}`);
  const items = loadItems(tenants, "run");
  expect(items.length).toBe(LOAD_ITEMS);
  const times = Map.groupBy(items, ({ id, tenant }) => `${tenant}/${id}`);
  expect([...times.values()].every((each) => each.length === 2)).toBe(true);
  const sizes = [...Map.groupBy(items, ({ tenant }) => tenant).values()].map((each) => each.length);
  expect(sizes.length).toBe(tenantCount);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
});

it("says how many were new, and how far it is", async () => {
  const sent: number[] = [];
  const run = { ...options, signal: new AbortController().signal, progress: (count: number) => void sent.push(count) };
  const result = await runLoad({ ...run, observe: counting(new Set()) });
  expect(result).toEqual({ items: 1_000, fresh: 500, duplicates: 500 });
  expect(sent).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
});

it("ends when it is stopped, and with the first refusal", async () => {
  const stopping = new AbortController();
  const progress = (): void => stopping.abort();
  const observe = counting(new Set());
  const stopped = await runLoad({ ...options, signal: stopping.signal, progress, observe });
  expect(stopped.items).toBe(100);
  const refuse = async (): Promise<never> => {
    throw new Error("refused");
  };
  await expect(runLoad({ ...options, signal: new AbortController().signal, observe: refuse })).rejects.toThrow(
    "refused",
  );
});
