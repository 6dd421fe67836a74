/** What a stream does at its bounds and in time, where the laws would rarely lead. */
import { describe, expect, test } from "vitest";
import { BUFFERED_UNITS_MAX, OrderedStream, RESTART_GRACE_MS } from "../../../src/core/streams/ordered-stream.ts";
import { MemoryStreamStore } from "../../../src/core/streams/memory-stream-store.ts";
import { ENDED_FOLLOWS_MAX, FOLLOW_BYTES_MAX, GRAPH_BYTES_MAX } from "../../../src/core/streams/stream-history.ts";
import type { StreamOptions } from "../../../src/core/streams/stream-options.ts";
import { GAPS_MAX } from "../../../src/core/streams/skipped-gaps.ts";
import { TestAudience } from "./stream-model.ts";

const T0 = 1_000_000;

function open(options: Partial<StreamOptions> = {}, store = new MemoryStreamStore()) {
  const audience = new TestAudience("u");
  const stream = new OrderedStream(store, audience, T0);
  stream.configure(options);
  return { stream, audience, store };
}

function broadcasts(from: number, to: number, step = 1): string {
  let text = "";
  for (let sequence = from; sequence <= to; sequence += step) text += `${sequence}|B\n`;
  return text;
}

describe("the first number", () => {
  test("[T6] what is below it is too late", () => {
    const { stream } = open({ firstSequence: 10 });
    expect(stream.cursor).toBe(9);
    expect(stream.take("9|B\n10|B\n10|B\n9|B", T0)).toEqual({ lines: 4, duplicates: 1, deadLetters: 2 });
    expect(stream.cursor).toBe(10);
    expect(stream.deadLetters(0, 10).map(({ reason, line }) => `${reason} ${line}`)).toEqual([
      "too_late 9|B",
      "too_late 9|B",
    ]);
  });

  test("[T18] can't be changed once the stream exists, and other options stay as they are", () => {
    const { stream, store } = open({ eventTimeoutMs: 5, maxUsers: 7 });
    expect(stream.configure({ firstSequence: 2, maxUsers: 8 })).toBe("conflict");
    expect(stream.configure({ firstSequence: 1, maxSources: 2 })).toBe("changed");
    const again = new OrderedStream(store, new TestAudience(), T0);
    expect(again.options).toMatchObject({ eventTimeoutMs: 5, maxUsers: 7, maxSources: 2, firstSequence: 1 });
    const written = new OrderedStream(new MemoryStreamStore(), new TestAudience(), T0);
    written.take("5|B", T0);
    expect(written.configure({ firstSequence: 5 })).toBe("conflict");
  });
});

describe("a hole", () => {
  test("[T5] is skipped at its time and not a millisecond before", () => {
    const { stream, audience } = open({ eventTimeoutMs: 1_000 });
    stream.take("3|B", T0);
    stream.take("6|B", T0 + 400);
    expect(stream.gap(T0 + 500)).toEqual({ from: 1, to: 2, seenMs: T0, dueMs: T0 + 1_000 });
    expect(stream.expire(T0 + 999)).toBe(false);
    expect(stream.expire(T0 + 1_000)).toBe(true);
    expect(audience.toldOf("u")).toEqual([[1, 2], "3|B"]);
    expect(stream.gap(T0 + 1_000)).toEqual({ from: 4, to: 5, seenMs: T0 + 400, dueMs: T0 + 1_400 });
    // What fills it in time is taken, even by a turn that comes late.
    stream.take("4|B\n5|B", T0 + 5_000);
    expect(audience.toldOf("u").slice(2)).toEqual(["4|B", "5|B", "6|B"]);
    expect(stream.gap(T0 + 5_000)).toBeUndefined();
  });

  test("[T5] with a negative timeout is never skipped", () => {
    const { stream } = open({ eventTimeoutMs: -1 });
    stream.take("2|B", T0);
    expect(stream.gap(T0)).toMatchObject({ from: 1, to: 1, dueMs: undefined });
    expect(stream.expire(T0 + 1e12)).toBe(false);
    expect(stream.dueMs(T0)).toBeUndefined();
  });

  test("[T9] that was there before a restart stays five seconds at least", () => {
    const { store } = open({ eventTimeoutMs: 1_000 });
    new OrderedStream(store, new TestAudience(), T0).take("2|B", T0);
    const later = T0 + 60_000;
    const stream = new OrderedStream(store, new TestAudience(), later);
    expect(stream.dueMs(later)).toBe(later + RESTART_GRACE_MS);
    stream.take("4|B", later);
    expect(stream.expire(later + RESTART_GRACE_MS - 1)).toBe(false);
    expect(stream.expire(later + RESTART_GRACE_MS)).toBe(true);
    expect(stream.cursor).toBe(4);
    // One that was seen afterwards is not concerned.
    stream.take("6|B", later + 10_000);
    expect(stream.dueMs(later + 10_000)).toBe(later + 11_000);
  });

  test("[T10] is skipped after its time though the clock steps back an hour, and not before", () => {
    const { stream } = open({ eventTimeoutMs: 1_000 });
    stream.take("2|B", T0);
    const back = T0 - 3_600_000;
    expect(stream.expire(back)).toBe(false);
    expect(stream.expire(back + 999)).toBe(false);
    expect(stream.dueMs(back + 999)).toBe(back + 1_000);
    expect(stream.expire(back + 1_000)).toBe(true);
  });

  test("[T10] that was seen in the future, by the clock before a restart, is skipped in time", () => {
    const { store } = open({ eventTimeoutMs: 1_000 });
    new OrderedStream(store, new TestAudience(), T0).take("2|B", T0 + 3_600_000);
    expect(new OrderedStream(store, new TestAudience(), T0).dueMs(T0)).toBe(T0 + RESTART_GRACE_MS);
  });

  test("[T5] [T7] of any size between any numbers is found without looking at each", () => {
    const { stream, audience } = open({ eventTimeoutMs: 0 });
    const far = Number.MAX_SAFE_INTEGER;
    stream.take(`${far}|B\n5|B\n${far - 1_000}|B\n1000000000|B`, T0);
    expect(audience.toldOf("u")).toEqual([
      [1, 4],
      "5|B",
      [6, 999_999_999],
      "1000000000|B",
      [1_000_000_001, far - 1_001],
      `${far - 1_000}|B`,
      [far - 999, far - 1],
      `${far}|B`,
    ]);
  });

  test("[T6] [T14] is remembered with the newest hundred thousand", () => {
    const { stream } = open({ eventTimeoutMs: 0 });
    stream.take(broadcasts(2, 2 * GAPS_MAX + 2, 2), T0);
    expect(stream.totals.gaps).toBe(GAPS_MAX + 1);
    expect(stream.take("1|B\n3|B", T0)).toEqual({ lines: 2, duplicates: 1, deadLetters: 1 });
  });
});

describe("what waits", () => {
  test("[T8] an offer is taken up to the bound, and refused whole beyond it", () => {
    const { stream } = open({ eventTimeoutMs: -1, maxBuffered: 3 });
    expect(stream.room).toBe(3);
    expect(stream.offer("3|B\n5|B\n3|B", T0)).toMatchObject({ duplicates: 1 });
    expect(stream.offer("7|B\n9|B\nx", T0)).toBe("buffer full");
    expect([stream.buffered, stream.totals.deadLetters]).toEqual([2, 0]);
    expect(stream.offer("7|B\n7|B\n5|B", T0)).toMatchObject({ duplicates: 2 });
    expect([stream.buffered, stream.room]).toEqual([3, 0]);
  });

  test("[T8] over a full buffer the line that fills the hole is taken, alone or with what it frees", () => {
    const { stream } = open({ eventTimeoutMs: -1, maxBuffered: 3 });
    stream.offer("3|B\n5|B\n7|B", T0);
    expect(stream.offer("9|B", T0)).toBe("buffer full");
    expect(stream.offer("1|B\n9|B", T0)).toBe("buffer full");
    expect(stream.offer("2|B\n9|B", T0)).toBe("buffer full");
    expect(stream.offer("1|B", T0)).toMatchObject({ lines: 1 });
    expect(stream.offer("2|B\n9|B", T0)).toMatchObject({ lines: 2 });
    expect([stream.cursor, stream.buffered]).toEqual([3, 3]);
  });

  test("[T8] with a bound that was lowered only what does not add to it is taken", () => {
    const { stream } = open({ eventTimeoutMs: -1, maxBuffered: 10 });
    stream.offer("2|B\n4|B\n6|B", T0);
    stream.configure({ maxBuffered: 1 });
    expect(stream.room).toBe(0);
    expect(stream.offer("8|B", T0)).toBe("buffer full");
    expect(stream.offer("1|B\n8|B", T0)).toMatchObject({ lines: 2 });
    expect(stream.buffered).toBe(3);
  });

  test("[T8] as many follows are taken at once as there is surely room for in the graph, and no more", () => {
    const { stream } = open({ maxBuffered: 200_000 });
    const follows = (count: number) =>
      Array.from({ length: count }, (_, index) => `${index + 1}|F|${index}|s`).join("\n");
    const most = Math.floor(GRAPH_BYTES_MAX / FOLLOW_BYTES_MAX);
    expect(stream.offer(follows(most + 1), T0)).toBe("graph full");
    expect([stream.cursor, stream.follows, stream.buffered]).toEqual([0, 0, 0]);
    expect(stream.offer(follows(most), T0)).toMatchObject({ lines: most });
    expect(stream.follows).toBe(most);
    // What was taken weighs less than was set aside for it, so there is room for more.
    expect(stream.offer(`${most + 1}|F|a|s`, T0)).toMatchObject({ lines: 1 });
  });

  test("[T14] so many follows that ended are kept, and with one more replay reaches less far back", () => {
    const { stream } = open({ retentionEvents: 10_000_000, maxBuffered: 200_000 });
    const pairs = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => {
        const sequence = 2 * (from + index) + 1;
        return `${sequence}|F|a|b\n${sequence + 1}|U|a|b\n`;
      }).join("");
    const perTurn = 50_000;
    for (let from = 0; from < ENDED_FOLLOWS_MAX; from += perTurn) stream.take(pairs(from, perTurn), T0);
    expect([stream.cursor, stream.oldest]).toEqual([2 * ENDED_FOLLOWS_MAX, 0]);
    stream.take(pairs(ENDED_FOLLOWS_MAX, 1), T0);
    // After the first of them had ended, so that nobody needs to know of it.
    expect(stream.oldest).toBe(2);
  });

  test("[T8] is bounded in memory too", () => {
    const { stream } = open({ eventTimeoutMs: -1, maxBuffered: 200_000 });
    const line = (sequence: number) => `${String(sequence).padStart(1_000, "0")}|B`;
    const perOffer = 4_000;
    let sequence = 2;
    let offers = 0;
    for (; offers < 100; offers++) {
      const text = Array.from({ length: perOffer }, (_, index) => line(sequence + index)).join("\n");
      if (stream.offer(text, T0) === "buffer full") break;
      sequence += perOffer;
    }
    expect(offers).toBe(Math.floor(BUFFERED_UNITS_MAX / 1_002 / perOffer));
    expect(stream.room).toBe(Math.floor((BUFFERED_UNITS_MAX - stream.buffered * 1_002) / 1_024));
  });
});

describe("dead letters", () => {
  test("[T20] the newest 10,000 are kept, whatever the turns they came in", () => {
    const { stream, store } = open();
    const dead = (count: number, text: string) => `${text}\n`.repeat(count);
    stream.take(dead(9_999, "a"), T0);
    stream.take(dead(1, "b"), T0 + 1);
    expect(stream.deadLetters(0, 20_000)).toHaveLength(10_000);
    expect(stream.deadLetters(0, 1)).toEqual([{ id: 1, atMs: T0, reason: "malformed", line: "a" }]);
    stream.take(dead(1, "c"), T0 + 2);
    expect(stream.deadLetters(0, 1)).toMatchObject([{ id: 2 }]);
    stream.take(dead(35_000, "d"), T0 + 3);
    const kept = new OrderedStream(store, new TestAudience(), T0).deadLetters(0, 20_000);
    expect(kept).toHaveLength(10_000);
    expect([kept[0]?.id, kept.at(-1)?.id]).toEqual([35_002, 45_001]);
    expect(stream.deadLetters(45_000, 10)).toMatchObject([{ id: 45_001, line: "d" }]);
    expect(stream.totals.deadLetters).toBe(45_001);
  });

  test("[T20] each is cut to 1,024 bytes, between characters", () => {
    const { stream } = open();
    const long = ["x".repeat(1_024), "x".repeat(1_025), `${"x".repeat(1_023)}é`, "\u{1f600}".repeat(300), "a\ud800"];
    stream.take(long.join("\n"), T0);
    expect(stream.deadLetters(0, 10).map(({ line }) => line)).toEqual([
      "x".repeat(1_024),
      "x".repeat(1_024),
      "x".repeat(1_023),
      "\u{1f600}".repeat(256),
      "a\ufffd",
    ]);
  });
});

describe("replay", () => {
  test("[T15] goes in steps, between which the stream goes on", () => {
    const { stream } = open({ eventTimeoutMs: -1 });
    for (let from = 1; from < 200_000; from += 20_000) stream.take(broadcasts(from, from + 19_999), T0);
    const audience = new TestAudience("u");
    const replay = stream.replay(audience.users, 0);
    let steps = 0;
    while (replay.position < stream.cursor) {
      replay.step(audience);
      if (steps++ === 0) stream.take("200001|B", T0);
    }
    expect(steps).toBeGreaterThan(3);
    expect(audience.toldOf("u")).toHaveLength(200_001);
    expect(audience.toldOf("u").at(-1)).toBe("200001|B");
  });

  test("[T15] ends a step early when its listener is full, and loses nothing", () => {
    const { stream } = open();
    stream.take(broadcasts(1, 10), T0);
    const audience = Object.assign(new TestAudience("u"), { isFull: () => true });
    const replay = stream.replay(audience.users, 3);
    replay.step(audience);
    expect(replay.position).toBe(4);
    while (replay.position < stream.cursor) replay.step(audience);
    expect(audience.toldOf("u")).toEqual(["4|B", "5|B", "6|B", "7|B", "8|B", "9|B", "10|B"]);
  });
});
