import { describe, expect, it } from "vitest";
import { answer, request } from "../support/request.ts";
import { TestTenant } from "../support/test-tenant.ts";

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
