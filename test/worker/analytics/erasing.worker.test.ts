/** `DELETE /analytics`: nothing of the site is left, in whatever state it is begun, cut or repeated. */
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { ERASED_SHARDS_MAX, eraseSlices } from "../../../src/worker/analytics/site-erasure.ts";
import { objectName } from "../../../src/worker/analytics/slice-address.ts";
import { SliceCatalogue } from "../../../src/worker/analytics/slice-catalogue.ts";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import { inObject } from "../support/hub-test.ts";
import { openEvents } from "../support/event-reader.ts";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { call, HOUR, HOUR_MS, json, newSite, postEvents, text } from "./analytics-requests.ts";
import { alarmOf, evict, tablesOf } from "../support/test-thing.ts";

function objectsOf(site: string, slices: number): readonly DurableObjectStub[] {
  const starts = Array.from({ length: slices }, (_, index) => HOUR + index * HOUR_MS);
  return [
    env.SITES.getByName(site),
    ...starts.map((start) => env.SLICES.getByName(objectName({ site, start, shard: 0 }))),
  ];
}

async function record(site: string, slices: number): Promise<void> {
  await postEvents(
    Array.from({ length: slices }, (_, index) => {
      return { timestamp: HOUR + index * HOUR_MS, user: "ann", event: "click", site, id: `${index}` };
    }),
  );
}

async function erase(site: string): Promise<number> {
  return (await call(`/analytics?site=${site}`, { method: "DELETE" })).status;
}

async function expectNothing(site: string, slices: number): Promise<void> {
  for (const stub of objectsOf(site, slices)) {
    expect(await tablesOf(stub)).toEqual([]);
    expect(await alarmOf(stub)).toBeNull();
  }
  expect(await text(`/analytics/allslices?site=${site}`)).toBe("");
}

describe("erasing a site", () => {
  test("[A29] leaves no table of it, in no object, and no alarm; it can be written again", async () => {
    const [site, other] = [newSite(), newSite()];
    await record(site, 3);
    await record(other, 1);
    expect(await erase(site)).toBe(204);
    await expectNothing(site, 3);
    expect(await text(`/analytics/allslices?site=${other}`)).toContain("unique_users,1\n");
    await record(site, 1);
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe("unique_users,1\nclicks,1\nimpressions,0\n");
    // What comes afterwards is sealed in its time.
    expect(await alarmOf(objectsOf(site, 1)[1]!)).not.toBeNull();
  });

  test("[A29] of a site that was never written does nothing, and can be repeated", async () => {
    const site = newSite();
    expect([await erase(site), await erase(site)]).toEqual([204, 204]);
    await expectNothing(site, 1);
    await expectProblem(request("DELETE", "/analytics"), "invalid_request", "site");
  });

  test("[A29] that crashed half-way goes on by itself, and lets nothing in meanwhile", async () => {
    const site = newSite();
    await record(site, 3);
    const [stub] = objectsOf(site, 3);
    // One shard is erased, the mark is set, and the rest is not.
    await runInDurableObject(env.SITES.getByName(site), async (_, { storage }) => {
      storage.sql.exec("CREATE TABLE erasing (id INTEGER PRIMARY KEY) STRICT");
      await storage.setAlarm(Date.now() + 1e6);
    });
    await env.SLICES.getByName(objectName({ site, start: HOUR, shard: 0 })).erase();
    await evict(stub!);
    const late = [{ timestamp: HOUR, user: "bob", event: "click", site }];
    const refused = await call("/analytics/events", { method: "POST", body: JSON.stringify(late) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("5");
    expect(await runDurableObjectAlarm(stub!)).toBe(true);
    await expectNothing(site, 3);
  });

  test("[A29] a claim that was granted before is not good after it", async () => {
    const site = newSite();
    await record(site, 1);
    const slice = env.SLICES.getByName(objectName({ site, start: HOUR, shard: 0 }));
    await Promise.all([erase(site), record(site, 1).catch(() => undefined), erase(site)]);
    // Whatever won: what the shard holds the catalogue knows.
    const isKnown = (await text(`/analytics/allslices?site=${site}`)) !== "";
    expect((await tablesOf(slice)).length > 0).toBe(isKnown);
  });

  test("[A29] leaves the routing rules as they are", async () => {
    const site = newSite();
    await record(site, 1);
    const before = await json("/analytics/routing");
    const dump = () =>
      runInDurableObject(env.ROUTING.getByName("routing"), (_, { storage }) =>
        storage.sql.exec("SELECT * FROM routing").toArray(),
      );
    const rows = await dump();
    await erase(site);
    expect(await json("/analytics/routing")).toEqual(before);
    expect(await dump()).toEqual(rows);
  });

  test("[A29] is read at once by whoever asks where it was done", async () => {
    const site = newSite();
    await record(site, 1);
    const read = () => json(`/analytics?timestamp=${HOUR}&site=${site}`);
    expect(await read()).toMatchObject({ clicks: 1, max_staleness_ms: 60_000 });
    await erase(site);
    expect(await read()).toMatchObject({ unique_users: 0, clicks: 0, impressions: 0 });
  });

  test("[A29] sets its viewers to zero", async () => {
    const site = newSite();
    await record(site, 1);
    const events = await openEvents(`/analytics/live?site=${site}&timestamp=${HOUR}`);
    expect((await events.nextFrame()).frame).toMatchObject({ type: "slice", clicks: 1 });
    await erase(site);
    expect((await events.nextFrame()).frame).toEqual({ type: "reset" });
    expect((await events.nextFrame()).frame).toMatchObject({ type: "slice", clicks: 0, unique_users: 0 });
    await record(site, 1);
    let frame: object = {};
    while (!("clicks" in frame) || frame.clicks !== 1) ({ frame } = await events.nextFrame());
    await events.cancel();
  });

  test("[A29] is done in rounds, the catalogue last in each", () =>
    inObject(async ({ storage }) => {
      const catalogue = new SliceCatalogue(new DurableSql(storage));
      const shards = 100;
      const slices = ERASED_SHARDS_MAX / shards;
      for (let start = 0; start <= slices; start++) {
        for (let shard = 0; shard < shards; shard++) catalogue.add({ start, sliceMs: 1, shards }, shard);
      }
      const erased: string[] = [];
      const eraseShard = async (start: number, shard: number) => {
        expect(catalogue.claim(start)).toBeDefined();
        erased.push(`${start}/${shard}`);
      };
      expect(await eraseSlices(catalogue, eraseShard)).toBe(false);
      expect(erased.length).toBe(ERASED_SHARDS_MAX);
      expect(catalogue.countShards()).toBe(shards);
      expect(await eraseSlices(catalogue, eraseShard)).toBe(true);
      expect(new Set(erased).size).toBe(ERASED_SHARDS_MAX + shards);
      expect(catalogue.countShards()).toBe(0);
    }));
});
