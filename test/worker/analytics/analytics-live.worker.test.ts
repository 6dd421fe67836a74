/** Viewers of slices: exact sums over many shards, across the end of a slice, and nothing while nobody watches. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { SliceFrame } from "../../../src/protocol/analytics.ts";
import { SiteObject } from "../../../src/worker/index.ts";
import { openEvents } from "../support/event-reader.ts";
import { LiveSocket } from "../support/live-socket.ts";
import { request } from "../support/request.ts";
import { call, HOUR, HOUR_MS, json, newSite, post, postEvents } from "./analytics-requests.ts";
import type { TestEvent } from "./analytics-requests.ts";

/** From this slice on there are 16 shards. It is in the future, so nobody's data is in the way. */
const SHARDED = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS;

async function watch(query: string) {
  const response = await request("GET", `/analytics/live?${query}`, { headers: { Upgrade: "websocket" } });
  expect(response.status).toBe(101);
  const socket = new LiveSocket(response.webSocket!);
  const next = async () => JSON.parse(await socket.nextText()) as SliceFrame;
  /** Reads frames up to the one that has counted so many events. */
  const until = async (events: number) => {
    for (;;) {
      const frame = await next();
      if (frame.type === "slice" && frame.clicks + frame.impressions === events) return frame;
    }
  };
  return { socket, next, until };
}

beforeAll(async () => {
  const routing = await json<{ readonly rules: readonly object[] }>("/analytics/routing");
  const body = JSON.stringify({ ...routing, rules: [...routing.rules, { from: SHARDED, shards: 16 }] });
  expect((await call("/analytics/routing", { method: "PUT", body })).status).toBe(200);
});

describe("a viewer of a slice", () => {
  test("[A25] is sent the totals at once, and then whenever they grow", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    const viewer = await watch(`timestamp=${HOUR + 5}&site=${site}`);
    const slice = new Date(HOUR).toISOString();
    const first = await viewer.next();
    expect(first).toEqual({ type: "slice", slice, unique_users: 1, clicks: 1, impressions: 0, as_of: first.as_of });
    await post(`timestamp=${HOUR}&user=b&impression&site=${site}`);
    expect(await viewer.next()).toMatchObject({ slice, unique_users: 2, clicks: 1, impressions: 1 });
    // Another slice of the same site is not its concern.
    await post(`timestamp=${HOUR + HOUR_MS}&user=b&impression&site=${site}`);
    await post(`timestamp=${HOUR}&user=c&impression&site=${site}`);
    expect(await viewer.next()).toMatchObject({ slice, unique_users: 3, impressions: 2 });
  });

  test("[A25] of 16 shards has their exact sum within a second of the last event", async () => {
    const site = newSite();
    const viewer = await watch(`timestamp=${SHARDED}&site=${site}`);
    expect(await viewer.next()).toMatchObject({ unique_users: 0 });
    const events = Array.from({ length: 400 }, (_, index): TestEvent => ({
      timestamp: SHARDED + index,
      user: `user-${index % 150}`,
      event: index % 4 === 0 ? "impression" : "click",
      site,
    }));
    for (let from = 0; from < events.length; from += 50) await postEvents(events.slice(from, from + 50));
    const doneMs = Date.now();
    const frame = await viewer.until(400);
    expect(frame).toMatchObject({ unique_users: 150, clicks: 300, impressions: 100 });
    expect(Date.now() - doneMs).toBeLessThan(1_000);
    expect(await json(`/analytics?timestamp=${SHARDED}&site=${site}`)).toMatchObject({ shards: 16, unique_users: 150 });
    // All 16 took part, and frames were coalesced.
    const [slice] = await env.SITES.getByName(site).slices(SHARDED, SHARDED + 1, 1);
    expect(slice?.shards.length).toBe(16);
    expect(viewer.socket.texts.length).toBeLessThan(60);
  });

  test("[A25] as an event stream resumes from the position it names", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    const path = `/analytics/live?timestamp=${HOUR}&site=${site}`;
    const events = await openEvents(path);
    const { fields, frame } = await events.nextFrame();
    expect(fields["id"]).toBe(`${HOUR}:1`);
    expect(frame).toMatchObject({ type: "slice", clicks: 1 });
    await events.cancel();
    await post(`timestamp=${HOUR}&user=b&click&site=${site}`);
    const resumed = await openEvents(path, { "Last-Event-ID": `${HOUR}:1` });
    const totals = [];
    while (totals.at(-1) !== 2) totals.push(((await resumed.nextFrame()).frame as unknown as SliceFrame).unique_users);
    await resumed.cancel();
  });

  test("[A25] may write on its socket, to its own site", async () => {
    const site = newSite();
    const viewer = await watch(`timestamp=${HOUR}&site=${site}`);
    await viewer.next();
    const event = { timestamp: HOUR, user: "a", event: "click" };
    const seen = [];
    viewer.socket.send({ type: "write", id: 1, events: [{ ...event, site, id: "x" }] });
    seen.push(await viewer.next(), await viewer.next());
    expect(seen).toContainEqual({ type: "ack", id: 1, accepted: 1, duplicates: 0 });
    expect(seen).toContainEqual(expect.objectContaining({ type: "slice", clicks: 1 }));
    viewer.socket.send({ type: "write", id: 2, events: [{ ...event, site }, event] });
    expect(await viewer.next()).toMatchObject({ type: "error", id: 2, errors: [{ path: "events[1].site" }] });
    viewer.socket.send({ type: "write", id: 3, events: [{ ...event, site, user: "" }] });
    expect(await viewer.next()).toMatchObject({ type: "error", id: 3, errors: [{ path: "events[0].user" }] });
  });

  test("[A27] a shard pushes nothing while nobody watches, and nothing more when nobody does", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    const pushes = vi.spyOn(SiteObject.prototype, "push");
    for (let click = 0; click < 3; click++) await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    await scheduler.wait(300);
    expect(pushes).toHaveBeenCalledTimes(0);
    const viewer = await watch(`timestamp=${HOUR}&site=${site}`);
    await viewer.until(4);
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    await viewer.until(5);
    expect(pushes).toHaveBeenCalledTimes(1);
  });
});

describe("a viewer of no slice in particular", () => {
  test("[A26] follows the current one", async () => {
    const site = newSite();
    const viewer = await watch(`site=${site}`);
    const { slice } = await viewer.next();
    expect(Date.now() - Date.parse(slice)).toBeLessThan(HOUR_MS + 1_000);
    await post(`timestamp=${Date.parse(slice)}&user=a&click&site=${site}`);
    expect(await viewer.until(1)).toMatchObject({ slice, unique_users: 1 });
  });

  test("[A25] watches are bounded, and the one too many is told to come later", async () => {
    const site = newSite();
    const open = (index: number) =>
      call(`/analytics/live?timestamp=${HOUR + index * HOUR_MS}&site=${site}`, { headers: { Upgrade: "websocket" } });
    for (let index = 0; index < 100; index++) {
      const response = await open(index);
      expect(response.status).toBe(101);
      response.webSocket?.accept();
    }
    const refused = await open(100);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("5");
    expect((await open(50)).status).toBe(101);
  });
});
