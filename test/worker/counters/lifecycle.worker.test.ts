import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { LOG_LIMITS } from "../../../src/worker/counters/item-sql-store.ts";
import { answer, request } from "../support/request.ts";
import { TestTenant } from "../support/test-tenant.ts";

/** An id without any order, the same in every run. */
function hashOf(index: number): string {
  return (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0").repeat(4);
}

describe("a tenant's life", () => {
  it("[N6] counts 0 while it was never written, and reading creates nothing", async () => {
    const tenant = new TestTenant();
    expect(await answer(request("GET", `${tenant.path}/count`))).toEqual({ count: 0 });
    expect(await tenant.counted("a")).toEqual({ counted: false, at: null });
    expect(await tenant.erase()).toBe(204);
    expect(await tenant.tables()).toEqual([]);
  });

  it("[N3] tells whether an id was counted, and when it was first", async () => {
    const tenant = new TestTenant();
    const before = Date.now();
    await tenant.observe("a");
    const first = await tenant.counted("a");
    expect(first.counted).toBe(true);
    expect(first.at).toBeGreaterThanOrEqual(before);
    expect(first.at).toBeLessThanOrEqual(Date.now());
    await new Promise((resolve) => setTimeout(resolve, 5));
    await tenant.observe("a", "b");
    expect(await tenant.counted("a")).toEqual(first);
    expect((await tenant.counted("b")).at).toBeGreaterThan(first.at!);
  });

  it("[N7] is the same after its object was evicted", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a", "b", "\u00e9");
    const at = await tenant.counted("a");
    await tenant.evict();
    expect(await tenant.count()).toBe(3);
    expect(await tenant.counted("a")).toEqual(at);
    expect(await tenant.observe("b", "e\u0301", "a")).toMatchObject({ verdicts: ["duplicate", "new", "duplicate"] });
    await tenant.evict();
    expect(await tenant.count()).toBe(4);
  });

  it("[N4] [N7] is the same after its object was evicted while items waited for their place", async () => {
    const tenant = new TestTenant();
    const ids = Array.from({ length: 25_000 }, (_, index) => hashOf(index));
    const { tableItemsMin } = LOG_LIMITS;
    for (let from = 0; from < tableItemsMin; from += 10_000) await tenant.observe(...ids.slice(from, from + 10_000));
    const lately = Array.from({ length: 30 }, (_, batch) => ids.slice(tableItemsMin + batch * 100).slice(0, 100));
    for (const batch of lately) {
      expect(await tenant.observe(...batch)).toMatchObject({ new: 100 });
      if (batch[0]! > "8") await tenant.evict();
    }
    // More than a generation came, so some wait and some were moved.
    const [rows] = await runInDurableObject(tenant.stub, (_, { storage }) =>
      storage.sql
        .exec("SELECT (SELECT COUNT(*) FROM recent) AS waiting, (SELECT COUNT(*) FROM items) AS moved")
        .toArray(),
    );
    expect(rows!["waiting"]).toBeGreaterThan(10);
    expect(rows!["moved"]).toBeGreaterThan(tableItemsMin);
    await tenant.evict();
    const count = tableItemsMin + 3_000;
    expect(await tenant.count()).toBe(count);
    expect(await tenant.observe(...ids.slice(count - 9_000, count + 1_000))).toMatchObject({
      new: 1_000,
      duplicates: 9_000,
    });
    expect(await tenant.counted(ids[count - 1]!)).toMatchObject({ counted: true });
    expect(await tenant.erase()).toBe(204);
    expect(await tenant.observe(ids[0]!, ids[count - 1]!)).toMatchObject({ new: 2 });
  });

  it("[N8] counts everything again after it was erased", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a", "b");
    expect(await tenant.erase()).toBe(204);
    expect(await tenant.tables()).toEqual([]);
    expect(await tenant.count()).toBe(0);
    expect(await tenant.counted("a")).toEqual({ counted: false, at: null });
    expect(await tenant.observe("a")).toMatchObject({ new: 1 });
    await tenant.evict();
    expect(await tenant.count()).toBe(1);
    expect(await tenant.erase()).toBe(204);
    expect(await tenant.erase()).toBe(204);
  });

  it("[C5] names in paths are percent-decoded, and nothing else", async () => {
    const tenant = new TestTenant(`${crypto.randomUUID()} a/b?c%\u{1f600}`);
    await tenant.observe("x/y z", "%2F", "..x");
    expect(await tenant.count()).toBe(3);
    expect(await tenant.counted("x/y z")).toMatchObject({ counted: true });
    expect(await tenant.counted("%2F")).toMatchObject({ counted: true });
    expect(await tenant.counted("/")).toMatchObject({ counted: false });
  });
});
