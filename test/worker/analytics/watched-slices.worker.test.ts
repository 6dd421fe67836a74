/** What the site's object follows for its viewers, on slices that are short enough to see them end. */
import { describe, expect, test, vi } from "vitest";
import type { Routing } from "../../../src/core/analytics/routing.ts";
import type { Totals } from "../../../src/core/analytics/totals.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { refuseForNow, succeed } from "../../../src/protocol/problem.ts";
import { SliceFeed } from "../../../src/worker/analytics/slice-feed.ts";
import { CURRENT_TOPIC, WatchedSlices } from "../../../src/worker/analytics/watched-slices.ts";

const SLICE_MS = 1_000;
const START = 1_800_000_000_000;

function clicks(count: number): Totals {
  return { uniqueUsers: 1, clicks: count, impressions: 0, late: 0 };
}

function world(shards = 2) {
  const routing: Routing = { sliceMs: SLICE_MS, firstSlice: 0, rules: [{ from: 0, shards }] };
  const topics = new Set<string>();
  const totals = new Map<string, Totals>();
  const asked: string[] = [];
  let changes = 0;
  const rules = { areLost: false, reads: 0 };
  const watched = new WatchedSlices({
    routing: async () => {
      rules.reads += 1;
      return rules.areLost ? refuseForNow("gone") : succeed(routing);
    },
    watch: async (start, shard) => {
      asked.push(`${start}:${shard}`);
      return succeed(totals.get(`${start}:${shard}`) ?? clicks(0));
    },
    topics: () => topics,
    changed: () => (changes += 1),
  });
  return { watched, topics, totals, asked, rules, changes: () => changes };
}

async function atFixedTime(body: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ now: START + 100 });
  try {
    await body();
  } finally {
    vi.useRealTimers();
  }
}

describe("watched slices", () => {
  test("[A26] go on to the next slice when one ends, with the final totals of the former", () =>
    atFixedTime(async () => {
      const { watched, topics, totals } = world();
      const feed = new SliceFeed(watched);
      totals.set(`${START}:0`, clicks(3));
      expect(await watched.open(undefined)).toEqual(succeed(CURRENT_TOPIC));
      topics.add(CURRENT_TOPIC);
      const first = feed.step(CURRENT_TOPIC, undefined);
      expect(first).toMatchObject({ position: `${START}:3`, frames: [{ clicks: 3 }] });

      // The last event of the slice comes without its push having arrived.
      totals.set(`${START}:1`, clicks(2));
      totals.set(`${START + SLICE_MS}:0`, clicks(1));
      await vi.advanceTimersByTimeAsync(SLICE_MS);
      expect(feed.head(CURRENT_TOPIC)).toBe(`${START + SLICE_MS}:1`);
      expect(feed.step(CURRENT_TOPIC, first.position)).toMatchObject({
        frames: [
          { slice: new Date(START).toISOString(), clicks: 5, unique_users: 2 },
          { slice: new Date(START + SLICE_MS).toISOString(), clicks: 1 },
        ],
        position: `${START + SLICE_MS}:1`,
      });
      // Who has seen all of the former is spared it.
      expect(feed.step(CURRENT_TOPIC, `${START}:5`).frames.length).toBe(1);
      await vi.advanceTimersByTimeAsync(3 * SLICE_MS);
      expect(feed.head(CURRENT_TOPIC)).toBe(`${START + 4 * SLICE_MS}:0`);
    }));

  test("[A26] go on in time for a viewer who came when others followed one slice", () =>
    atFixedTime(async () => {
      const { watched, topics } = world();
      const feed = new SliceFeed(watched);
      await watched.open(START - SLICE_MS);
      topics.add(String(START - SLICE_MS));
      await watched.open(undefined);
      topics.add(CURRENT_TOPIC);
      await vi.advanceTimersByTimeAsync(SLICE_MS);
      expect(feed.head(CURRENT_TOPIC)).toBe(`${START + SLICE_MS}:0`);
    }));

  test("[A26] go on though as many are watched as may be", () =>
    atFixedTime(async () => {
      const { watched, topics } = world();
      const feed = new SliceFeed(watched);
      await watched.open(undefined);
      topics.add(CURRENT_TOPIC);
      for (let index = 1; index < limits.watchedSlicesMax; index++) {
        const start = START - index * SLICE_MS;
        expect((await watched.open(start)).ok).toBe(true);
        topics.add(String(start));
      }
      expect((await watched.open(0)).ok).toBe(false);
      await vi.advanceTimersByTimeAsync(SLICE_MS);
      expect(feed.head(CURRENT_TOPIC)).toBe(`${START + SLICE_MS}:0`);
    }));

  test("[A26] try once a second to go on while the rules can't be read", () =>
    atFixedTime(async () => {
      const { watched, topics, rules } = world();
      const feed = new SliceFeed(watched);
      await watched.open(undefined);
      topics.add(CURRENT_TOPIC);
      rules.areLost = true;
      const before = rules.reads;
      await vi.advanceTimersByTimeAsync(5 * SLICE_MS);
      expect(rules.reads - before).toBeLessThanOrEqual(6);
      rules.areLost = false;
      await vi.advanceTimersByTimeAsync(SLICE_MS);
      expect(feed.head(CURRENT_TOPIC)).toBe(`${START + 6 * SLICE_MS}:0`);
    }));

  test("[A25] take what shards push, and no older totals than they know", () =>
    atFixedTime(async () => {
      const { watched, changes } = world();
      const topic = await watched.open(START);
      expect(topic).toEqual(succeed(String(START)));
      expect(watched.take(START, 0, clicks(5), START + 7)).toBe(true);
      expect(watched.take(START, 1, clicks(2), START + 8)).toBe(true);
      expect(changes()).toBe(2);
      expect(watched.take(START, 0, clicks(4), START + 9)).toBe(true);
      expect(changes()).toBe(2);
      const seen = watched.seen(String(START));
      expect(seen?.sum().clicks).toBe(7);
      expect(seen?.asOfMs()).toBe(START + 100);
    }));

  test("[A27] are given up when nobody follows them, and then shards are told so", () =>
    atFixedTime(async () => {
      const { watched, topics, asked } = world();
      await watched.open(START);
      topics.add(String(START));
      await vi.advanceTimersByTimeAsync(30_000);
      expect(asked.length).toBeGreaterThanOrEqual(2 * 3);
      expect(watched.take(START, 0, clicks(1), START)).toBe(true);
      topics.clear();
      await vi.advanceTimersByTimeAsync(30_000);
      expect(watched.take(START, 0, clicks(2), START)).toBe(false);
      expect(vi.getTimerCount()).toBe(0);
      const asks = asked.length;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(asked.length).toBe(asks);
    }));

  test("[A25] are not known before every shard was asked", () =>
    atFixedTime(async () => {
      const { watched, topics } = world();
      topics.add(String(START));
      const restored = watched.restore();
      expect(watched.seen(String(START))).toBeUndefined();
      await restored;
      expect(watched.seen(String(START))?.position()).toBe(`${START}:0`);
    }));
});
