/** Backups on the local bucket: begun by the route or the clock, written by alarms, read back and imported. */
import { env } from "cloudflare:workers";
import { createScheduledController, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { BackupsAnswer } from "../../../src/protocol/backups.ts";
import worker from "../../../src/worker/index.ts";
import { INVENTORY_SHARDS, inventoryOf } from "../../../src/worker/backup/inventory-address.ts";
import { clicks, paths } from "../transfer/site-events.ts";
import { HOUR, newSite, postEvents, text } from "../analytics/analytics-requests.ts";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";
import { TestTenant } from "../support/test-tenant.ts";
import { importAll } from "../transfer/transfer-requests.ts";
import { evict } from "../support/test-thing.ts";

function inventory(shard: number) {
  return env.INVENTORY.getByName(`inventory ${shard}`);
}

/** What the inventory has of a thing. */
function told(feature: "sets" | "items" | "analytics", name: string): Promise<number> {
  return runInDurableObject(inventory(inventoryOf(feature, name)), (_, { storage }) => {
    const tables = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'things'").toArray();
    if (tables.length === 0) return 0;
    const rows = storage.sql.exec("SELECT told FROM things WHERE feature = ? AND name = ?", feature, name).toArray();
    return Number(rows[0]?.["told"] ?? 0);
  });
}

/** Lets every inventory work until its run is over; evicted in between, if that is wanted. */
async function finish(evicting = false): Promise<void> {
  for (let shard = 0; shard < INVENTORY_SHARDS; shard++) {
    while (await runDurableObjectAlarm(inventory(shard))) {
      if (evicting) await evict(inventory(shard));
    }
  }
}

async function backUp(evicting = false): Promise<string> {
  const { run } = await answer<{ run: string }>(request("POST", "/backups"), 202);
  await finish(evicting);
  return run;
}

async function readBack(run: string, feature: string, name: string): Promise<readonly string[]> {
  const response = await request("GET", `/backups/${run}?feature=${feature}&name=${encodeURIComponent(name)}`);
  expect(response.status).toBe(200);
  return new TextDecoder()
    .decode(await response.arrayBuffer())
    .trimEnd()
    .split("\n");
}

describe("a backup", () => {
  it("[X8] holds every thing, and restored each gives the same answers", async () => {
    const [set, tenant, site] = [new TestSet("cart/ä"), new TestTenant("acme/ü"), newSite()];
    await set.write(
      ...Array.from({ length: 6_000 }, (_, index) => (index % 3 === 0 ? remove : add)(`e${index}`, index)),
    );
    await tenant.observe(...Array.from({ length: 6_000 }, (_, index) => `i${index}`));
    await postEvents(clicks(site, HOUR, 10));
    const stream = `/streams/${crypto.randomUUID()}`;
    await request("POST", `${stream}/events`, { body: "1|F|ann|bob\n2|S|bob\n4|B" });
    const run = await backUp();
    const { backups } = await answer<BackupsAnswer>(request("GET", "/backups"));
    expect(backups[0]).toEqual({ run, complete: true, saved: 4, failed: 0 });

    const before = [await set.read("?limit=10"), await tenant.count(), await text(`/analytics/allslices?site=${site}`)];
    const at = await tenant.counted("i5");
    await set.erase();
    await tenant.erase();
    const status = await answer<{ cursor: number; follows: number }>(request("GET", stream));
    await request("DELETE", stream);
    await request("DELETE", `/analytics?site=${site}`);
    for (const [feature, name, path] of [
      ["sets", set.name, `${set.path}/import`],
      ["items", tenant.name, `${tenant.path}/import`],
      ["analytics", site, paths(site).in],
      ["streams", stream.slice("/streams/".length), `${stream}/import`],
    ] as const) {
      expect(await importAll(path, await readBack(run, feature, name)), feature).toMatchObject({ identical: true });
    }
    const { offset: _, ...after } = await set.read("?limit=10");
    expect(before[0]).toMatchObject(after);
    expect([await tenant.count(), await text(`/analytics/allslices?site=${site}`)]).toEqual(before.slice(1));
    expect(await tenant.counted("i5")).toEqual(at);
    expect(await answer(request("GET", stream))).toMatchObject({ cursor: status.cursor, follows: 1 });
  });

  it("[X8] goes on after its object was evicted, and has the same in the end", async () => {
    const set = new TestSet();
    await set.write(...Array.from({ length: 10_000 }, (_, index) => add(`e${index}`, index)));
    const run = await backUp(true);
    const copy = new TestSet();
    expect(await importAll(`${copy.path}/import`, await readBack(run, "sets", set.name))).toMatchObject({
      identical: true,
    });
  });

  it("[X8] is begun by the clock as well, and not twice at once", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const at = Date.UTC(2026, 10, 21, 3, 17);
    const begin = (ms: number) => worker.scheduled(createScheduledController({ scheduledTime: new Date(ms) }), env);
    await begin(at);
    await begin(at + 3_600_000);
    expect(await answer(request("POST", "/backups"), 202)).toEqual({ run: "2026-11-21T03-17-00Z" });
    await finish();
    expect(await readBack("2026-11-21T03-17-00Z", "sets", set.name)).toHaveLength(3);
    await expectProblem(request("GET", `/backups/2026-11-21T04-17-00Z?feature=sets&name=${set.name}`), "not_found");
    await expectProblem(request("GET", `/backups/yesterday?feature=sets&name=a`), "invalid_request", "run");
  });
});

describe("the inventory", () => {
  it("[X8] is told of a thing once in its life, whatever wrote it first", async () => {
    const [written, created, imported] = [new TestSet(), new TestSet(), new TestSet()];
    const [tenant, site] = [new TestTenant(), newSite()];
    await Promise.all([written.write(add("a", 1)), written.write(add("b", 1))]);
    await created.create();
    const lines = await readBack(await backUp(), "sets", written.name);
    await importAll(`${imported.path}/import`, lines);
    await tenant.observe("a");
    await postEvents(clicks(site, HOUR, 1));
    for (const set of [written, created, imported]) {
      const once = await told("sets", set.name);
      expect(once).toBeGreaterThan(0);
      await set.evict();
      await set.write(add("c", 2));
      expect(await told("sets", set.name)).toBe(once);
    }
    expect([await told("items", tenant.name), await told("analytics", site)]).toEqual([1, 1]);
    await tenant.observe("b");
    await postEvents(clicks(site, HOUR + 3_600_000, 1));
    expect([await told("items", tenant.name), await told("analytics", site)]).toEqual([1, 1]);
  });

  it("[X8] forgets what was erased with the next backup, unless it was written anew", async () => {
    const [erased, again] = [new TestSet(), new TestSet()];
    for (const set of [erased, again]) {
      await set.write(add("a", 1));
      await set.erase();
    }
    await again.write(add("b", 1));
    await backUp();
    expect(await told("sets", erased.name)).toBe(0);
    expect(await told("sets", again.name)).toBe(2);
    await erased.write(add("c", 1));
    expect(await told("sets", erased.name)).toBe(1);
  });

  it("[X8] tells of what came to nothing once it comes to something", async () => {
    const set = new TestSet();
    await set.write(add("far", 8e15));
    expect(await told("sets", set.name)).toBe(1);
    await backUp();
    expect(await told("sets", set.name)).toBe(0);
    await set.evict();
    await set.write(add("near", 1));
    expect(await told("sets", set.name)).toBe(1);
  });
});
