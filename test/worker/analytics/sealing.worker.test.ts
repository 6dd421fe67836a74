/** What becomes of slices: evicted, sealed by the alarm, and never with a name in a table or a line of the log. */
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sealAfterMs } from "../../../src/worker/analytics/seal-after.ts";
import { objectName } from "../../../src/worker/analytics/slice-address.ts";
import type { SliceObject } from "../../../src/worker/analytics/slice-object.ts";
import { call, HOUR, HOUR_MS, json, newSite, post, postEvents, text } from "./analytics-requests.ts";
import { alarmOf, evict } from "../support/test-thing.ts";

const DAY_MS = 86_400_000;

function sliceObject(site: string, start = HOUR): DurableObjectStub<SliceObject> {
  return env.SLICES.getByName(objectName({ site, start, shard: 0 }));
}

/** Everything in every table of an object's database, as text. */
function dump(stub: DurableObjectStub): Promise<string> {
  return runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    return tables
      .filter(({ name }) => !name.startsWith("_cf_"))
      .map(({ name }) => {
        const rows = storage.sql.exec(`SELECT * FROM ${name}`).toArray();
        const readable = (value: unknown) => (value instanceof ArrayBuffer ? bytesToText(value) : String(value));
        return `${name}: ${rows.map((row) => Object.values(row).map(readable).join(",")).join(";")}`;
      })
      .join("\n");
  });
}

function bytesToText(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Runs the alarm as if so much time had passed. */
async function alarmAfter(site: string, ms: number): Promise<void> {
  const now = Date.now();
  const clock = vi.spyOn(Date, "now").mockReturnValue(now + ms);
  expect(await runDurableObjectAlarm(sliceObject(site))).toBe(true);
  clock.mockRestore();
}

describe("a slice's object", () => {
  test("[A16] evicted, is the same in every answer", async () => {
    const site = newSite();
    const event = { timestamp: HOUR, user: "a", event: "click", site, id: "1" } as const;
    await postEvents([event, { ...event, user: "b", id: "2" }]);
    const before = await text(`/analytics?timestamp=${HOUR}&site=${site}`);
    for (const stub of [sliceObject(site), env.SITES.getByName(site), env.ROUTING.getByName("routing")]) {
      await evict(stub);
    }
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe(before);
    expect(await text(`/analytics/allslices?site=${site}`)).toContain("unique_users,2\n");
    expect(await postEvents([event, { ...event, id: "3" }])).toEqual({ accepted: 1, duplicates: 1 });
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe("unique_users,2\nclicks,3\nimpressions,0\n");
  });

  test("[A16] that is only read stores nothing", async () => {
    const site = newSite();
    await text(`/analytics?timestamp=${HOUR}&site=${site}`);
    await text(`/analytics/allslices?site=${site}`);
    expect(await dump(sliceObject(site))).toBe("");
    expect(await dump(env.SITES.getByName(site))).toBe("");
  });

  test("[A13] is not sealed before its time, however often the alarm comes", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    await alarmAfter(site, 7 * DAY_MS - 60_000);
    expect(await dump(sliceObject(site))).toMatch(/^secret: 1,[0-9a-f]{64}$/m);
    // It has set itself anew.
    await alarmAfter(site, 7 * DAY_MS + 1_000);
    expect(await dump(sliceObject(site))).not.toMatch(/secret/);
  });

  test("[A14] [A15] sealed, it keeps its totals and nothing that is of a person; what comes late is labelled", async () => {
    const site = newSite();
    const events = ["ann", "bob", "ann"].map((user, index) => {
      return { timestamp: HOUR, user, event: index === 1 ? "impression" : "click", site, id: `id-${index}` } as const;
    });
    await postEvents(events);
    expect(await dump(sliceObject(site))).toMatch(/^users: 0,[0-9a-f]{64}$/m);
    await alarmAfter(site, 7 * DAY_MS + 1_000);
    const sealed = await dump(sliceObject(site));
    expect(sealed.match(/^\w+/gm)).toEqual(expect.arrayContaining(["head", "migrations"]));
    expect(sealed).not.toMatch(/users:|event_ids|secret|[0-9a-f]{32}/);
    const path = `/analytics?timestamp=${HOUR}&site=${site}`;
    expect(await text(path)).toBe("unique_users,2\nclicks,2\nimpressions,1\n");

    await evict(sliceObject(site));
    expect(await postEvents(events)).toEqual({ accepted: 3, duplicates: 0 });
    expect(await json(path, { "Cache-Control": "no-cache" })).toMatchObject({
      unique_users: 2,
      clicks: 4,
      impressions: 2,
      late: 3,
    });
    expect(await dump(sliceObject(site))).not.toMatch(/[0-9a-f]{32}/);
  });

  test("[A13] of the far future has an alarm that the platform takes", async () => {
    const site = newSite();
    const timestamp = 8_640_000_000_000_000;
    // On a routing object of its own, this would keep new rules out for ever.
    const stub = env.SLICES.get(env.SLICES.newUniqueId());
    await runInDurableObject(stub, async (_, { storage }) => {
      await expect(storage.setAlarm(timestamp)).rejects.toThrow();
    });
    const start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS + 20 * 366 * DAY_MS;
    const hour = start - (start % HOUR_MS);
    await post(`timestamp=${hour}&user=a&click&site=${site}`);
    const alarm = await alarmOf(sliceObject(site, hour));
    expect(alarm).toBeGreaterThan(Date.now() + 29 * DAY_MS);
    expect(alarm).toBeLessThan(Date.now() + 31 * DAY_MS);
  });

  test("[A13] keeps pseudonyms for seven days unless it is told otherwise in whole milliseconds", () => {
    expect(sealAfterMs({})).toBe(7 * DAY_MS);
    expect(sealAfterMs({ SEAL_AFTER_MS: "5000" })).toBe(5_000);
    for (const setting of ["", "-1", "1.5", "soon"]) expect(sealAfterMs({ SEAL_AFTER_MS: setting })).toBe(7 * DAY_MS);
  });

  test("[A12] no name is in any table or any line of the log", async () => {
    const site = newSite();
    const name = "Zaphod-Beeblebrox";
    const lines: string[] = [];
    for (const method of ["log", "info", "warn", "error", "debug"] as const) {
      vi.spyOn(console, method).mockImplementation(
        (...args: readonly unknown[]) => void lines.push(args.map(String).join(" ")),
      );
    }
    await post(`timestamp=${HOUR}&user=${name}&click&site=${site}&id=of-${name}`);
    await postEvents([{ timestamp: HOUR, user: name, event: "click", site }]);
    // Something goes wrong in the object, with the name in its hands.
    await runInDurableObject(sliceObject(site), (_, { storage }) => storage.sql.exec("DROP TABLE head"));
    const failed = await call(`/analytics?timestamp=${HOUR}&user=${name}&click&site=${site}`, { method: "POST" });
    expect(failed.status).toBe(503);
    expect(await failed.text()).not.toContain("Zaphod");
    await call(`/analytics?timestamp=${HOUR}&user=${name}&click&impression`, { method: "POST" });
    const batch = await call("/analytics/events", {
      method: "POST",
      body: JSON.stringify([{ timestamp: HOUR, user: name, event: "click", site }]),
    });
    expect(batch.ok).toBe(false);

    expect(lines.length).toBeGreaterThan(0);
    for (const stub of [sliceObject(site), env.SITES.getByName(site), env.ROUTING.getByName("routing")]) {
      lines.push(await dump(stub));
    }
    const hex = bytesToText(new TextEncoder().encode("Zaphod").buffer as ArrayBuffer);
    expect(lines.filter((line) => line.includes("Zaphod") || line.includes(hex))).toEqual([]);
  });
});
