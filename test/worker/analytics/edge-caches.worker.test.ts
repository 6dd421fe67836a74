/** What an isolate remembers: how old it may be, whom it is shared with, and what makes it forget. */
import { describe, expect, test } from "vitest";
import { ROUTING_LEAD_MS, ROUTING_REREAD_MS } from "../../../src/core/analytics/routing.ts";
import { AnalyticsEdge } from "../../../src/worker/analytics/analytics-edge.ts";
import { SliceReader } from "../../../src/worker/analytics/read-slices.ts";
import { recordEvent } from "../../../src/worker/analytics/record-events.ts";
import type { Result } from "../../../src/protocol/problem.ts";
import { EventSchema } from "../../../src/protocol/analytics.ts";
import { parse } from "../../../src/protocol/parse.ts";
import { TotalsCache } from "../../../src/worker/analytics/totals-cache.ts";
import { AnalyticsWorld, waitUntil } from "./analytics-world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function edges(count: number) {
  const world = new AnalyticsWorld();
  world.nowMs = 100 * DAY_MS;
  return { world, edges: Array.from({ length: count }, () => new AnalyticsEdge(world, () => world.nowMs)) };
}

async function click(edge: AnalyticsEdge, timestamp: number, user: string): Promise<void> {
  const event = parse(EventSchema, { timestamp, user, event: "click" });
  if (!event.ok) throw new Error(event.problem.detail);
  expect(await recordEvent(edge, event.value, waitUntil)).toMatchObject({ ok: true });
}

async function clicks(edge: AnalyticsEdge, timestamp: number, fresh = false) {
  const reading = await new SliceReader(edge, "default", fresh, waitUntil).readAt(timestamp);
  if (!reading.ok) throw new Error(reading.problem.detail);
  return { clicks: reading.value.sum.clicks, asOfMs: reading.value.asOfMs, staleMs: reading.value.maxStalenessMs };
}

describe("totals in an isolate", () => {
  test("[A19] of the current slice are a second old at most", async () => {
    const {
      world,
      edges: [one, other],
    } = edges(2);
    const at = world.nowMs;
    expect(await clicks(one!, at)).toEqual({ clicks: 0, asOfMs: at, staleMs: 1_000 });
    await click(other!, at, "a");
    world.nowMs += 1_000;
    expect(await clicks(one!, at)).toEqual({ clicks: 0, asOfMs: at, staleMs: 1_000 });
    world.nowMs += 1;
    expect(await clicks(one!, at)).toEqual({ clicks: 1, asOfMs: at + 1_001, staleMs: 1_000 });
  });

  test("[A19] of a slice that ended more than a day ago are a minute old at most", async () => {
    const {
      world,
      edges: [one, other],
    } = edges(2);
    const past = world.nowMs - DAY_MS - HOUR_MS;
    expect((await clicks(one!, past)).staleMs).toBe(1_000);
    world.nowMs += 1;
    expect((await clicks(one!, past)).staleMs).toBe(60_000);
    await click(other!, past, "a");
    world.nowMs += 59_999;
    expect((await clicks(one!, past)).clicks).toBe(0);
    world.nowMs += 2;
    expect((await clicks(one!, past)).clicks).toBe(1);
  });

  test("[A19] are passed by when the caller wants it fresh", async () => {
    const {
      world,
      edges: [one, other],
    } = edges(2);
    await clicks(one!, world.nowMs);
    await click(other!, world.nowMs, "a");
    expect(await clicks(one!, world.nowMs, true)).toEqual({ clicks: 1, asOfMs: world.nowMs, staleMs: 0 });
    // What that brought is remembered.
    expect((await clicks(one!, world.nowMs)).clicks).toBe(1);
  });

  test("[A20] are refreshed by acknowledgements, so that reading costs no call", async () => {
    const {
      world,
      edges: [one],
    } = edges(1);
    for (let count = 1; count <= 5; count++) {
      await click(one!, world.nowMs, "a");
      expect((await clicks(one!, world.nowMs)).clicks).toBe(count);
    }
    expect(world.calls.totals).toBe(0);
  });

  test("[A20] never go back, whichever answer comes last", () => {
    const cache = new TotalsCache();
    const totals = (count: number) => ({ uniqueUsers: 1, clicks: count, impressions: 0, late: 0 });
    cache.put("a", totals(5), 100, 110);
    cache.put("a", totals(3), 90, 120);
    expect(cache.get("a", 0)).toMatchObject({ totals: totals(5), asOfMs: 100 });
    cache.put("a", totals(6), 95, 130);
    expect(cache.get("a", 0)).toMatchObject({ totals: totals(6), asOfMs: 100 });
    expect(cache.get("a", 101)).toBeUndefined();
  });

  test("[A29] go back to what is asked for after they were known, as only an erasure makes them", () => {
    const cache = new TotalsCache();
    const totals = (count: number) => ({ uniqueUsers: 1, clicks: count, impressions: 0, late: 0 });
    cache.put("a", totals(5), 100, 110);
    cache.put("a", totals(0), 110, 120);
    expect(cache.get("a", 0)).toMatchObject({ totals: totals(5), asOfMs: 110 });
    cache.put("a", totals(0), 111, 120);
    expect(cache.get("a", 0)).toMatchObject({ totals: totals(0), asOfMs: 111 });
  });

  test("[A29] are forgotten after an erasure, and not learned from what was asked for before it", () => {
    const cache = new TotalsCache();
    const totals = { uniqueUsers: 1, clicks: 1, impressions: 0, late: 0 };
    cache.put("a", totals, 100, 110);
    cache.clear(120);
    expect(cache.get("a", 0)).toBeUndefined();
    cache.put("a", totals, 120, 130);
    expect(cache.get("a", 0)).toBeUndefined();
    cache.put("a", totals, 121, 130);
    expect(cache.get("a", 0)).toMatchObject({ totals });
  });

  test("[A19] are bounded", () => {
    const cache = new TotalsCache(4);
    const totals = { uniqueUsers: 0, clicks: 0, impressions: 0, late: 0 };
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) cache.put(name, totals, 1, 1);
    expect(names.map((name) => cache.get(name, 0) !== undefined)).toEqual([false, false, true, true, true]);
  });

  test("[A21] that many miss at once are asked for once", async () => {
    const {
      world,
      edges: [one],
    } = edges(1);
    const at = world.nowMs;
    const readings = await Promise.all(Array.from({ length: 100 }, () => clicks(one!, at)));
    expect(readings.every((reading) => reading.clicks === 0)).toBe(true);
    expect(world.calls).toMatchObject({ totals: 1, routing: 1 });
    world.nowMs += 2_000;
    await Promise.all(Array.from({ length: 100 }, () => clicks(one!, at)));
    expect(world.calls).toMatchObject({ totals: 2, routing: 1 });
  });

  test("[A21] that can't be had are an error for each who asked, and are asked for anew", async () => {
    const {
      world,
      edges: [one],
    } = edges(1);
    world.failing = true;
    const read = () => new SliceReader(one!, "default", false, waitUntil).readAt(world.nowMs);
    for (const reading of await Promise.all([read(), read(), read()])) {
      expect(reading).toMatchObject({ ok: false, problem: { code: "overloaded", retryAfterS: 1 } });
    }
    world.failing = false;
    expect(await read()).toMatchObject({ ok: true });
    expect(world.calls.totals).toBe(2);
  });
});

describe("rules in an isolate", () => {
  const rule = (world: AnalyticsWorld, from: number): void => {
    const { routing } = world.state;
    const change = world.change({ ...routing, rules: [...routing.rules, { from, shards: 4 }] });
    expect(change.kind).toBe("accepted");
  };

  test("[A19] are read again every 30 seconds", async () => {
    const {
      world,
      edges: [one],
    } = edges(1);
    await clicks(one!, world.nowMs);
    world.nowMs += ROUTING_REREAD_MS - 1;
    await clicks(one!, world.nowMs);
    expect(world.calls.routing).toBe(1);
    world.nowMs += 1;
    await clicks(one!, world.nowMs);
    expect(world.calls.routing).toBe(2);
  });

  test("[A19] for slices past the lead are a second old at most, since those may still change", async () => {
    const {
      world,
      edges: [one],
    } = edges(1);
    const future = world.nowMs + 2 * HOUR_MS;
    const shards = async () => {
      const reading = await new SliceReader(one!, "default", false, waitUntil).readAt(future);
      return reading.ok ? reading.value.shards.length : undefined;
    };
    expect(await shards()).toBe(1);
    rule(world, future);
    world.nowMs += 1_000;
    expect(await shards()).toBe(4);
  });

  test("[A19] are certain for a slice that begins before the lead is over", async () => {
    const {
      world,
      edges: [one],
    } = edges(1);
    world.nowMs = 100 * DAY_MS + HOUR_MS - ROUTING_LEAD_MS + 1;
    const next = 100 * DAY_MS + HOUR_MS;
    const first = await new SliceReader(one!, "default", false, waitUntil).readAt(next);
    world.nowMs += ROUTING_REREAD_MS - 1;
    const second = await new SliceReader(one!, "default", false, waitUntil).readAt(next);
    expect(world.calls.routing).toBe(1);
    for (const reading of [first, second] satisfies Result<unknown>[]) expect(reading.ok).toBe(true);
  });
});
