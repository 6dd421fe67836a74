import { describe, expect, it } from "vitest";
import { DEFAULT_STREAM_OPTIONS } from "../../../src/core/streams/stream-options.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { TestStream } from "../support/test-stream.ts";

const DEFAULTS = {
  event_timeout_ms: 1_000,
  max_sources: 1,
  max_users: 1_000,
  max_buffered: 100_000,
  retention_events: 1_000_000,
  first_sequence: 1,
};

describe("lines over HTTP", () => {
  it("[T4] [T6] are put into order, and counted for the request", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1 });
    expect(await stream.take("2|B", "4|F|60|50", "x")).toEqual({
      cursor: 0,
      buffered: 2,
      duplicates: 0,
      dead_letters: 1,
    });
    expect(await stream.take("1|B", "2|B", "3|S|60")).toEqual({
      cursor: 4,
      buffered: 0,
      duplicates: 1,
      dead_letters: 0,
    });
    expect(await stream.status()).toMatchObject({
      cursor: 4,
      oldest: 0,
      gap: null,
      follows: 1,
      totals: { follow: 1, broadcast: 2, status: 1, unfollow: 0, private: 0, duplicates: 1, dead_letters: 1 },
    });
  });

  it("[T3] [T1] come in any type, with either ending, and as bytes of any script", async () => {
    const stream = new TestStream();
    const body = new TextEncoder().encode("1|S|ü\r\n\r\n2|P|\u{1f600}|ü");
    const types = ["application/json", "application/x-ndjson", "application/x-www-form-urlencoded"];
    for (const type of types) {
      const headers = { "Content-Type": type };
      expect(await answer(request("POST", `${stream.path}/events`, { body, headers }))).toMatchObject({ cursor: 2 });
    }
    await expectProblem(
      request("POST", `${stream.path}/events`, { body: new Uint8Array([0xff]) }),
      "invalid_request",
      "body",
    );
  });

  it("[T16] creates nothing by reading, or by an empty request", async () => {
    const stream = new TestStream();
    expect(await stream.status()).toMatchObject({ cursor: 0, sources: 0, users: 0, options: DEFAULTS });
    expect(await stream.deadLetters()).toEqual({ dead_letters: [], more: false });
    expect(await stream.take()).toEqual({ cursor: 0, buffered: 0, duplicates: 0, dead_letters: 0 });
    const viewer = await stream.follow("a");
    await viewer.frame();
    await viewer.close();
    expect(await stream.tables()).toEqual([]);
    await stream.take("2|B");
    expect(await stream.tables()).toContain("held");
  });

  it("[T8] over a full buffer are refused whole, but for the line that fills the hole", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1, max_buffered: 2 });
    await stream.take("3|B", "5|B");
    const refused = await stream.offer("7|B\nx");
    expect(refused.headers.get("Retry-After")).toBe("1");
    const { detail } = await expectProblem(refused, "rate_limited");
    expect(detail).toContain("waits for 1");
    expect(await stream.status()).toMatchObject({ buffered: 2, totals: { dead_letters: 0 } });
    expect(await stream.take("1|B")).toMatchObject({ cursor: 1 });
    expect(await stream.take("2|B")).toMatchObject({ cursor: 3, buffered: 1 });
  });

  it("[T8] are at most 100,000 in a request", async () => {
    const stream = new TestStream();
    const lines = Array.from({ length: limits.streamLinesMax + 1 }, (_, index) => `${index + 1}|B`);
    await expectProblem(stream.offer(lines.join("\n")), "payload_too_large", "body");
    expect(await stream.status()).toMatchObject({ cursor: 0 });
    expect(await stream.take(...lines.slice(1))).toMatchObject({ cursor: 0, buffered: limits.streamLinesMax });
    expect(await stream.take("1|B")).toMatchObject({ cursor: limits.streamLinesMax + 1 });
  });

  it("[T5] [T33] leave a hole that is skipped in time", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 50 });
    const viewer = await stream.follow("a");
    await viewer.frame();
    await stream.take("3|B");
    expect(await viewer.toldUntil(3)).toEqual(["1-2", "3|B"]);
    expect(await stream.status()).toMatchObject({ totals: { gaps: 1, skipped: 2 } });
    expect(await stream.take("2|B")).toMatchObject({ dead_letters: 1 });
    expect((await stream.deadLetters()).dead_letters).toMatchObject([{ id: 1, reason: "too_late", line: "2|B" }]);
  });
});

describe("dead letters", () => {
  it("[T20] come in pages", async () => {
    const stream = new TestStream();
    await stream.take("a", "9|X", "b", "c");
    const first = await stream.deadLetters("?limit=2");
    expect(first).toMatchObject({
      more: true,
      dead_letters: [
        { id: 1, line: "a" },
        { id: 2, reason: "unknown_type" },
      ],
    });
    expect(await stream.deadLetters("?since=2&limit=2")).toMatchObject({
      more: false,
      dead_letters: [{ id: 3 }, { id: 4 }],
    });
    await expectProblem(request("GET", `${stream.path}/dead-letters?limit=10001`), "invalid_request", "limit");
    await expectProblem(request("GET", `${stream.path}/dead-letters?since=-1`), "invalid_request", "since");
  });
});

describe("options", () => {
  it("[T18] are created with defaults, and changed one by one", async () => {
    expect(DEFAULT_STREAM_OPTIONS.maxBuffered).toBe(DEFAULTS.max_buffered);
    const stream = new TestStream();
    expect(await stream.configure({})).toEqual(DEFAULTS);
    expect(await stream.configure({ max_users: 5 }, 200)).toEqual({ ...DEFAULTS, max_users: 5 });
    expect(await stream.configure({ max_sources: 2 }, 200)).toEqual({ ...DEFAULTS, max_users: 5, max_sources: 2 });
    await stream.evict();
    expect((await stream.status()).options).toEqual({ ...DEFAULTS, max_users: 5, max_sources: 2 });
    await expectProblem(request("PUT", stream.path, { body: { first_sequence: 2 } }), "conflict", "first_sequence");
  });

  it.each([
    ["event_timeout_ms", [-1, -5_000, 0, limits.eventTimeoutMsMax], [limits.eventTimeoutMsMax + 1, 0.5, "1"]],
    ["max_sources", [1, limits.streamSourcesMax], [0, limits.streamSourcesMax + 1]],
    ["max_users", [1, limits.streamUsersMax], [0, limits.streamUsersMax + 1]],
    ["max_buffered", [1, limits.bufferedLinesMax], [0, limits.bufferedLinesMax + 1]],
    ["retention_events", [0, limits.retentionEventsMax], [-1, limits.retentionEventsMax + 1]],
    ["first_sequence", [1, Number.MAX_SAFE_INTEGER], [0, 2 ** 53]],
  ])("[T18] %s has its bounds", async (name, allowed, refused) => {
    for (const value of allowed) {
      expect(await new TestStream().configure({ [name]: value })).toEqual({ ...DEFAULTS, [name]: value });
    }
    for (const value of refused) {
      await expectProblem(request("PUT", new TestStream().path, { body: { [name]: value } }), "invalid_request", name);
    }
    await expectProblem(
      request("PUT", new TestStream().path, { body: { [`${name}s`]: 1 } }),
      "invalid_request",
      `${name}s`,
    );
  });
});

describe("a stream", () => {
  it("[T17] goes on where it was after an eviction", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1 });
    await stream.take("1|F|a|b", "3|B", "x");
    await stream.evict();
    expect(await stream.status()).toMatchObject({
      cursor: 1,
      buffered: 1,
      follows: 1,
      gap: { from: 2, to: 2, due: null },
    });
    expect(await stream.take("3|B", "1|B")).toMatchObject({ duplicates: 2 });
    await stream.evict();
    expect(await stream.take("2|B")).toMatchObject({ cursor: 3, buffered: 0 });
  });

  it("[T9] [T33] that was evicted with a hole far from due is woken by its alarm", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 86_400_000 });
    await stream.take("2|B");
    await stream.evict();
    expect(await stream.ring()).toBe(true);
    // It is not due yet, so the alarm is set anew.
    expect(await stream.status()).toMatchObject({ cursor: 0 });
    expect(await stream.ring()).toBe(true);
    await stream.configure({ event_timeout_ms: 0 }, 200);
    const viewer = await stream.follow("a", "?since=0");
    expect(await viewer.toldUntil(0)).toEqual([]);
    expect(await viewer.toldUntil(2)).toEqual(["1-1", "2|B"]);
  });

  it("[T19] that is erased is gone, tells its viewers, and closes every connection", async () => {
    const stream = new TestStream();
    await stream.take("1|F|a|b", "2|B", "9|B", "x");
    const viewer = await stream.follow("a");
    const bare = await stream.follow("a", "?format=lines");
    const events = await stream.followEvents("a");
    const source = await stream.source();
    const gateway = await stream.gateway();
    await viewer.frame();
    await events.nextFrame();
    expect(await stream.erase()).toBe(204);
    expect(await viewer.frame()).toEqual({ type: "reset" });
    expect(await gateway.until("reset")).toEqual({ type: "reset" });
    expect((await events.nextFrame()).frame).toEqual({ type: "reset" });
    await expect(events.next()).rejects.toThrow("ended");
    for (const socket of [viewer, bare, source, gateway]) expect((await socket.closed).code).toBe(1012);
    expect(bare.texts).toEqual([]);
    expect(await stream.tables()).toEqual([]);
    expect(await stream.status()).toMatchObject({
      cursor: 0,
      buffered: 0,
      sources: 0,
      users: 0,
      follows: 0,
      options: DEFAULTS,
    });
    expect(await stream.take("1|B")).toMatchObject({ cursor: 1, duplicates: 0 });
  });
});
