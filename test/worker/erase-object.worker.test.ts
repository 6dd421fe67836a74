/** What every object leaves when it is erased, and what comes at that very moment. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { objectName } from "../../src/worker/analytics/slice-address.ts";
import { HOUR, HOUR_MS } from "./analytics/analytics-requests.ts";
import { add, TestSet } from "./support/test-set.ts";
import { TestStream } from "./support/test-stream.ts";
import { TestTenant } from "./support/test-tenant.ts";
import { alarmOf, evict, tablesOf } from "./support/test-thing.ts";

describe("what comes in the turn in which an object is erased", () => {
  it("[S14] is the first of another set", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    await runInDurableObject(set.stub, async (object) => {
      const erased = object.erase();
      expect(await object.apply([add("b", 2)])).toMatchObject({ size: 1 });
      await erased;
    });
    await set.evict();
    expect((await set.changes()).changes).toMatchObject([{ element: "b" }]);
  });

  it("[N8] is the first of another tenant", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a", "b");
    await runInDurableObject(tenant.stub, async (object) => {
      const erased = object.erase();
      expect(await object.observe(["b"])).toEqual(["new"]);
      await erased;
    });
    await tenant.evict();
    expect(await tenant.count()).toBe(1);
  });

  it("[T19] is the first of another stream", async () => {
    const stream = new TestStream();
    await stream.take("1|B", "2|B");
    await runInDurableObject(stream.stub, async (object) => {
      const erased = object.erase();
      expect(await object.ingest("1|B")).toMatchObject({ ok: true, value: { cursor: 1 } });
      await erased;
    });
    await stream.evict();
    expect(await stream.status()).toMatchObject({ cursor: 1 });
  });
});

describe("an object that is erased", () => {
  const name = crypto.randomUUID();
  const objects = {
    set: env.SETS.getByName(name),
    tenant: env.TENANTS.getByName(name),
    stream: env.STREAMS.getByName(name),
    site: env.SITES.getByName(name),
    slice: env.SLICES.getByName(objectName({ site: name, start: HOUR, shard: 0 })),
  };

  it.each(Object.entries(objects))("leaves neither a table nor the alarm: a %s", async (kind, stub) => {
    if (kind === "set") await objects.set.apply([{ op: "add", element: "a" }]);
    if (kind === "tenant") await objects.tenant.observe(["a"]);
    if (kind === "stream") await objects.stream.ingest("1|B");
    const claim = { start: HOUR, sliceMs: HOUR_MS, shards: 1 };
    if (kind === "site") await objects.site.claim(claim, 0);
    if (kind === "slice") await objects.slice.record(claim, [{ user: "ann", event: "click" }]);
    expect(await tablesOf(stub)).not.toEqual([]);
    await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(Date.now() + 1e9));
    await stub.erase();
    expect([await tablesOf(stub), await alarmOf(stub)]).toEqual([[], null]);
    await evict(stub);
    expect([await tablesOf(stub), await alarmOf(stub)]).toEqual([[], null]);
  });
});
