/** The rules of routing are one object's for all sites, so each of these tests leaves them as it found them. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { sealAfterMs } from "../../../src/worker/analytics/seal-after.ts";
import { siteExport } from "../../../src/worker/analytics/site-export.ts";
import { objectName } from "../../../src/worker/analytics/slice-address.ts";
import type { SliceObject } from "../../../src/worker/analytics/slice-object.ts";
import type { Env } from "../../../src/worker/env.ts";
import { exportPage as exportLines } from "../../../src/worker/transfer/export-lines.ts";
import { HOUR, HOUR_MS, json, newSite, postEvents, text } from "../analytics/analytics-requests.ts";
import type { TestEvent } from "../analytics/analytics-requests.ts";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { clicks, paths } from "./site-events.ts";
import { exportAll, exportPage, exportText, importAll, importPart, split } from "./transfer-requests.ts";
import { alarmOf, evict } from "../support/test-thing.ts";

/** More users than a part holds. */
const MANY = 8_100;

function sliceObject(site: string, start = HOUR): DurableObjectStub<SliceObject> {
  return env.SLICES.getByName(objectName({ site, start, shard: 0 }));
}

/** The Worker's bindings, with which `act` comes after each part of a shard that is read. */
function erasedMeanwhile(act: () => Promise<void>): Env {
  const getByName = (name: string) => ({
    exportPart: async (...[position, limit]: Parameters<SliceObject["exportPart"]>) => {
      const part = await env.SLICES.getByName(name).exportPart(position, limit);
      await act();
      return part;
    },
  });
  const get = (target: Env["SLICES"], key: string | symbol): unknown =>
    key === "getByName" ? getByName : Reflect.get(target, key);
  return { ...env, SLICES: new Proxy(env.SLICES, { get }) };
}

/** Three slices, one of them large, one sealed. */
async function manyEvents(site: string): Promise<readonly TestEvent[]> {
  const events = [
    ...clicks(site, HOUR, MANY),
    ...clicks(site, HOUR + HOUR_MS, 3),
    ...clicks(site, HOUR + 2 * HOUR_MS, 2),
  ];
  await postEvents(events);
  await runInDurableObject(sliceObject(site, HOUR + 2 * HOUR_MS), async (_, { storage }) => {
    await storage.setAlarm(Date.now() + 1e9);
    storage.sql.exec("UPDATE head SET last_event_ms = 0");
  });
  await evict(sliceObject(site, HOUR + 2 * HOUR_MS));
  await runInDurableObject(sliceObject(site, HOUR + 2 * HOUR_MS), (object) => object.alarm());
  return events;
}

describe("a site's export", () => {
  it("[X1] [X3] is the same by pages and as one stream, and imported it is the same site", async () => {
    const [site, copy] = [newSite(), newSite()];
    const events = await manyEvents(site);
    const { lines } = await exportAll(paths(site).out);
    const { records, end } = split(lines);
    expect(records.length).toBe(4);
    expect(end).toContain(
      `"state":{"shards":3,"unique_users":${MANY + 5},"clicks":${MANY + 5},"impressions":0,"late":0}`,
    );
    const streamed = (await exportText(paths(site).out)).trimEnd().split("\n");
    expect(split(streamed).records).toEqual(records);

    expect(await importAll(paths(copy).in, lines, 1)).toEqual({ taken: 4, identical: true });
    for (const start of [HOUR, HOUR + 2 * HOUR_MS]) await evict(sliceObject(copy, start));
    const all = await text(`/analytics/allslices?site=${site}`);
    expect(await text(`/analytics/allslices?site=${copy}`)).toBe(all);
    // The same users and ids are known; those of the sealed slice are late.
    const again = events.map((event) => ({ ...event, site: copy }));
    expect(await postEvents(again)).toEqual({ accepted: 2, duplicates: MANY + 3 });
    const known = again.slice(0, 100).map(({ timestamp, user, event }) => ({ timestamp, user, event, site: copy }));
    await postEvents(known);
    expect(await json(`/analytics?timestamp=${HOUR}&site=${copy}`, { "Cache-Control": "no-cache" })).toMatchObject({
      unique_users: MANY,
      clicks: MANY + 100,
    });
  });

  it("[X2] of a shard that grows meanwhile has it as it was when its last part was read", async () => {
    const [site, copy] = [newSite(), newSite()];
    await postEvents([...clicks(site, HOUR, MANY)]);
    const object = sliceObject(site);
    const first = await object.exportPart({ users: 0, ids: 0 }, 5_000);
    expect(first?.part.head).toBeUndefined();
    await postEvents([{ timestamp: HOUR, user: "later", event: "click", site }]);
    const { lines } = await exportAll(paths(site).out);
    expect(await importAll(paths(copy).in, lines)).toMatchObject({ identical: true });
    const second = await object.exportPart(first!.next, 5_000);
    expect(second?.part.head?.uniqueUsers).toBe(MANY + 1);
    expect(first!.part.users.length + second!.part.users.length).toBe(MANY + 1);
  });

  it("[X2] begins anew after an erasure, also between two parts of a shard", async () => {
    const site = newSite();
    const many = clicks(site, HOUR, 25_000);
    for (let from = 0; from < many.length; from += 10_000) await postEvents(many.slice(from, from + 10_000));
    const { cursor } = await exportPage(paths(site).out);
    expect(cursor).toContain('"part":3');
    const goOn = `${paths(site).out}&cursor=${encodeURIComponent(cursor!)}`;
    await evict(env.SITES.getByName(site));
    expect((await request("GET", goOn)).status).toBe(200);
    await request("DELETE", `/analytics?site=${site}`);
    await expectProblem(request("GET", goOn), "offset_gone");
    await postEvents(clicks(site, HOUR, 1));
    await expectProblem(request("GET", goOn), "offset_gone");
    const { lines } = await exportAll(paths(site).out);
    expect(lines.at(-1)).toContain('"unique_users":1,');
  });

  it("[X2] begins anew after an erasure while its last page is read", async () => {
    const site = newSite();
    await postEvents(clicks(site, HOUR, 1));
    const erasing = erasedMeanwhile(async () => {
      await request("DELETE", `/analytics?site=${site}`);
      await postEvents(clicks(site, HOUR, 2));
    });
    expect(await exportLines(siteExport(erasing, site), undefined)).toMatchObject({
      ok: false,
      problem: { code: "offset_gone" },
    });
    expect(await exportLines(siteExport(env, site), undefined)).toMatchObject({ ok: true, value: { cursor: null } });
  });

  it("[X2] refuses to go on while the site is being erased", async () => {
    const site = newSite();
    await postEvents(clicks(site, HOUR, 1));
    const stub = env.SITES.getByName(site);
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec("CREATE TABLE erasing (id INTEGER PRIMARY KEY) STRICT");
    });
    await evict(stub);
    await expectProblem(request("GET", paths(site).out), "offset_gone");
    await request("DELETE", `/analytics?site=${site}`);
    await expectProblem(request("GET", paths(site).out), "not_found");
  });

  it("[X1] refuses cursors of others, a site without slices, and no site at all", async () => {
    const site = newSite();
    await expectProblem(request("GET", paths(site).out), "not_found");
    await expectProblem(request("GET", "/analytics/export"), "invalid_request", "site");
    await postEvents(clicks(site, HOUR, 1));
    const cursor = encodeURIComponent(JSON.stringify(["0".repeat(16), 0, "0".repeat(16), { slice: 0 }]));
    await expectProblem(request("GET", `${paths(site).out}&cursor=${cursor}`), "invalid_request", "cursor");
  });
});

describe("a site's import", () => {
  it("[X4] into a site that holds slices is refused, and changes nothing", async () => {
    const [site, other] = [newSite(), newSite()];
    await postEvents(clicks(site, HOUR, 2));
    await postEvents(clicks(other, HOUR, 1));
    const before = await text(`/analytics/allslices?site=${other}`);
    await expectProblem(importPart(paths(other).in, (await exportAll(paths(site).out)).lines), "conflict");
    expect(await text(`/analytics/allslices?site=${other}`)).toBe(before);
  });

  it("[X5] goes on where it was cut, also between a shard and the note that it has its parts", async () => {
    const [site, copy] = [newSite(), newSite()];
    await manyEvents(site);
    const { lines } = await exportAll(paths(site).out);
    const { header, records, end } = split(lines);
    // A large shard whole, totals included.
    await answer(importPart(paths(copy).in, [header, ...records.slice(0, 2)]));
    // As if the site had died before it noted that.
    await runInDurableObject(env.SITES.getByName(copy), (_, { storage }) => {
      storage.sql.exec("UPDATE import_progress SET taken = 0");
    });
    await evict(env.SITES.getByName(copy));
    expect(await answer(importPart(paths(copy).in, [header]))).toEqual({ taken: 0, identical: null });
    await expectProblem(importPart(paths(copy).in, [header, records[1]!], 1), "conflict", "from");
    expect(await answer(importPart(paths(copy).in, [header, ...records, end]))).toEqual({ taken: 4, identical: true });
    expect(await text(`/analytics/allslices?site=${copy}`)).toBe(await text(`/analytics/allslices?site=${site}`));
  });

  it("[X6] says so when a slice got events that were not exported, or there is one more", async () => {
    for (const timestamp of [HOUR, HOUR + 5 * HOUR_MS]) {
      const [site, copy] = [newSite(), newSite()];
      await manyEvents(site);
      const { header, records, end } = split((await exportAll(paths(site).out)).lines);
      await answer(importPart(paths(copy).in, [header, records[0]!]));
      await postEvents([{ timestamp, user: "x", event: "click", site: copy }]);
      expect(await answer(importPart(paths(copy).in, [header, ...records.slice(1), end], 1))).toEqual({
        taken: 4,
        identical: false,
      });
    }
  });

  it("[X4] refuses slices that the rules here divide otherwise", async () => {
    const [site, copy] = [newSite(), newSite()];
    await postEvents(clicks(site, HOUR, 1));
    const { header, records } = split((await exportAll(paths(site).out)).lines);
    const wrong = records[0]!.replace('"shards":1', '"shards":2');
    const { detail } = await expectProblem(importPart(paths(copy).in, [header, wrong]), "conflict");
    expect(detail).toContain("2024-01-02T03:00:00.000Z");
    expect(await text(`/analytics/allslices?site=${copy}`)).toBe("");
  });

  it("[X4] refused for a later shard, leaves nothing of the earlier ones", async () => {
    const [site, copy] = [newSite(), newSite()];
    await manyEvents(site);
    const { header, records, end } = split((await exportAll(paths(site).out)).lines);
    const last = records.at(-1)!;
    const without = records.slice(0, -1);
    const nonsense: readonly (readonly [wrong: string, code: "conflict" | "invalid_request", ...paths: string[]])[] = [
      [last.replace('"shards":1', '"shards":2'), "conflict"],
      [last.replace('"part":0', '"part":1'), "invalid_request", "[4].part"],
      [last.replace('"shard":0', '"shard":1'), "invalid_request", "[4].shard"],
    ];
    for (const [wrong, code, ...wrongPaths] of nonsense) {
      expect(wrong).not.toBe(last);
      await expectProblem(importPart(paths(copy).in, [header, ...without, wrong]), code, ...wrongPaths);
      expect(await text(`/analytics/allslices?site=${copy}`)).toBe("");
      expect(await answer(importPart(paths(copy).in, [header]))).toEqual({ taken: 0, identical: null });
    }
    // Another import may come: there is nothing that this one brought.
    const other = [header, ...records, end].map((line) =>
      line.replace(/"id":"[0-9a-f]{16}"/, '"id":"00000000000000aa"'),
    );
    expect(await answer(importPart(paths(copy).in, other))).toEqual({ taken: 4, identical: true });
  });

  it("[X4] a shard whose parts don't begin with the first keeps nothing out", async () => {
    const [site, copy] = [newSite(), newSite()];
    await manyEvents(site);
    const { header, records, end } = split((await exportAll(paths(site).out)).lines);
    await expectProblem(importPart(paths(copy).in, [header, records[1]!]), "conflict", "from");
    const other = [header, ...records, end].map((line) =>
      line.replace(/"id":"[0-9a-f]{16}"/, '"id":"00000000000000aa"'),
    );
    expect(await answer(importPart(paths(copy).in, other))).toEqual({ taken: 4, identical: true });
  });

  it("[A13] that is given up within a shard leaves its salt no longer than a slice would", async () => {
    const [site, copy] = [newSite(), newSite()];
    await manyEvents(site);
    const { header, records } = split((await exportAll(paths(site).out)).lines);
    const beganMs = Date.now();
    await answer(importPart(paths(copy).in, [header, records[0]!]));
    const stub = sliceObject(copy);
    const dueMs = beganMs + sealAfterMs(env);
    expect(await alarmOf(stub)).toBeGreaterThanOrEqual(dueMs);
    expect(await alarmOf(stub)).toBeLessThan(dueMs + 60_000);
    const clock = vi.spyOn(Date, "now").mockReturnValue(dueMs - 1);
    await runInDurableObject(stub, (object) => object.alarm());
    expect(await stub.exportPart({ users: 0, ids: 0 }, 1)).toMatchObject({ part: { salt: expect.any(String) } });
    clock.mockRestore();
    // The alarm outlives what the object knew.
    await evict(stub);
    await runInDurableObject(stub, (object) => object.alarm());
    expect(await stub.exportPart({ users: 0, ids: 0 }, 1)).toMatchObject({ part: { salt: undefined, users: [] } });
  });

  it("[X4] takes as many records at once as a request may ask objects for, and not one more", async () => {
    const [site, copy] = [newSite(), newSite()];
    await postEvents(clicks(site, HOUR, 1));
    const { header, records } = split((await exportAll(paths(site).out)).lines);
    const max = limits.siteImportRecordsMax;
    const shards = Array.from({ length: max + 1 }, (_, index) => records[0]!.replace(`${HOUR}`, `${index * HOUR_MS}`));
    await expectProblem(importPart(paths(copy).in, [header, ...shards]), "payload_too_large", "body");
    expect(await text(`/analytics/allslices?site=${copy}`)).toBe("");
    expect(await answer(importPart(paths(copy).in, [header, ...shards.slice(0, max)]))).toMatchObject({ taken: max });
    expect(await answer(importPart(paths(copy).in, [header, shards[max]!], max))).toMatchObject({ taken: max + 1 });
  });

  it("[X4] takes as many pseudonyms in a line as a part has, and not one more", async () => {
    const [site, copy] = [newSite(), newSite()];
    await manyEvents(site);
    const { header, records } = split((await exportAll(paths(site).out)).lines);
    const more = records[0]!.replace('"users":"', `"users":"${"0".repeat(32)}`);
    await expectProblem(importPart(paths(copy).in, [header, more]), "invalid_request", "[1].users");
    expect(await answer(importPart(paths(copy).in, [header, records[0]!]))).toMatchObject({ taken: 1 });
  });
});
