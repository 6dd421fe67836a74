import { describe, expect, it, vi } from "vitest";
import { refuse } from "../../../src/protocol/problem.ts";
import { CounterFeed } from "../support/counter-feed.ts";
import type { CountFrame } from "../support/counter-feed.ts";
import { HubTest, inObject } from "../support/hub-test.ts";
import type { LiveSocket } from "../support/live-socket.ts";
import { captureLog } from "../support/logged-lines.ts";
import { expectProblem } from "../support/problems.ts";

/** Longer than any test. */
const NEVER_MS = 3_600_000;

async function nextCount(viewer: LiveSocket): Promise<CountFrame> {
  return JSON.parse(await viewer.nextText()) as CountFrame;
}

/** Follows to `count`; the frames must join without a gap or a repetition. Answers how many there were. */
async function followTo(viewer: LiveSocket, count: number, from = 0): Promise<number> {
  let position = from;
  for (let frames = 1; ; frames++) {
    const frame = await nextCount(viewer);
    expect(frame.from).toBe(position);
    position = frame.to;
    if (position === count) return frames;
  }
}

describe("the live hub", () => {
  it("sends at once at rest, and coalesces what follows within the interval", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, { flushIntervalMsMin: 200 });
      const { client } = test.connect();
      expect(await nextCount(client)).toMatchObject({ from: 0, to: 0 });
      for (feed.count = 1; feed.count < 100; feed.count++) test.hub.publish();
      test.hub.publish();
      expect(await nextCount(client)).toMatchObject({ from: 0, to: 1 });
      expect(await nextCount(client)).toMatchObject({ from: 1, to: 100 });
      expect(client.texts).toHaveLength(3);
    }));

  it("takes viewers up to its limit, and answers one more that it should try later", () =>
    inObject(async (ctx) => {
      const test = new HubTest(ctx, new CounterFeed(), { webSocketsMax: 2 });
      const [first] = [test.connect(), test.connect()];
      const refused = test.tryConnect();
      expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]/);
      await expectProblem(refused, "overloaded");
      test.hub.farewell(first.server, 1000, "");
      expect(test.tryConnect().status).toBe(101);
    }));

  it.each(["connect", "connectEvents"] as const)("tells what is followed by whom it lets in: %s", (connect) =>
    inObject(async (ctx) => {
      const test = new HubTest(ctx, new CounterFeed(), {});
      expect([...test.hub.topics()]).toEqual([]);
      test[connect]();
      expect([...test.hub.topics()]).toEqual(["topic"]);
    }),
  );

  it("brings viewers up to date step by step, whatever is written meanwhile", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(2);
      feed.count = 7;
      const test = new HubTest(ctx, feed, {});
      const viewers = [test.connect(), test.connect("3")];
      feed.count = 9;
      test.hub.publish();
      expect(await followTo(viewers[0]!.client, 9)).toBe(5);
      expect(await followTo(viewers[1]!.client, 9, 3)).toBe(3);
    }));

  it("makes the step of viewers at the same position once", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, {});
      const viewers = Array.from({ length: 20 }, () => test.connect().client);
      await Promise.all(viewers.map(nextCount));
      const step = vi.spyOn(feed, "step");
      feed.count = 1;
      test.hub.publish();
      await Promise.all(viewers.map(nextCount));
      expect(step).toHaveBeenCalledTimes(1);
    }));

  it("passes over a viewer that doesn't answer, and goes on serving the others", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(Infinity, "x".repeat(60));
      const limits = { unansweredCharsMax: 200, firstSilenceMsMax: NEVER_MS, fullIntervalMs: NEVER_MS };
      const test = new HubTest(ctx, feed, { ...limits, flushIntervalMsMin: 1 });
      const [silent, lively] = [test.connect(), test.connect()];
      await nextCount(lively.client);
      for (feed.count = 1; feed.count <= 10; feed.count++) {
        await test.hub.receive(lively.server, '{"type":"seen"}');
        test.hub.publish();
        expect(await nextCount(lively.client)).toMatchObject({ to: feed.count });
      }
      feed.count = 10;
      expect(silent.client.texts).toHaveLength(2);

      await test.hub.receive(silent.server, '{"type":"seen"}');
      expect(await followTo(silent.client, 10)).toBeLessThan(5);
    }));

  it("closes a viewer that stays silent with 1013, and by resuming it gets all it missed", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(1, "x".repeat(60));
      feed.count = 10;
      const test = new HubTest(ctx, feed, { unansweredCharsMax: 200, firstSilenceMsMax: 1, fullIntervalMs: 5 });
      let position = 0;
      for (let connections = 1; position < 10; connections++) {
        const { client } = test.connect(String(position));
        const isClosed = client.closed.then(({ code }) => code);
        while (position < 10) {
          const text = await Promise.race([client.nextText(), isClosed]);
          if (typeof text === "number") {
            expect(text).toBe(1013);
            break;
          }
          const frame = JSON.parse(text) as CountFrame;
          expect(frame.from).toBe(position);
          position = frame.to;
        }
        if (position === 10) expect(connections).toBeGreaterThan(2);
      }
    }));

  it("bounds what waits for all its viewers: passes over who has most, and goes on serving who answers", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(Infinity, "x".repeat(60));
      const limits = { allUnansweredCharsMax: 1_000, firstSilenceMsMax: NEVER_MS, fullIntervalMs: NEVER_MS };
      const test = new HubTest(ctx, feed, { ...limits, flushIntervalMsMin: 1 });
      const silent = Array.from({ length: 4 }, () => test.connect());
      const lively = test.connect();
      await nextCount(lively.client);
      for (feed.count = 1; feed.count <= 40; feed.count++) {
        await test.hub.receive(lively.server, '{"type":"seen"}');
        test.hub.publish();
        expect(await nextCount(lively.client)).toMatchObject({ to: feed.count });
      }
      feed.count = 40;
      const waiting = silent.flatMap(({ client }) => client.texts).join("").length;
      const longest = Math.max(...lively.client.texts.map((text) => text.length));
      expect(waiting).toBeGreaterThan(1_000 - longest);
      expect(waiting).toBeLessThanOrEqual(1_000 + silent.length * longest);

      // One that goes frees its share.
      const sent = silent.map(({ client }) => client.texts.length);
      test.hub.leave(silent[0]!.server);
      test.hub.leave(silent[1]!.server);
      feed.count = 41;
      await test.hub.receive(lively.server, '{"type":"seen"}');
      test.hub.publish();
      expect(await followTo(silent[3]!.client, 41)).toBe(sent[3]! + 1);
    }));

  it("tells of a viewer that it closes, or can't let in", () =>
    inObject(async (ctx) => {
      const log = captureLog();
      const feed = new CounterFeed(1, "x".repeat(60));
      feed.count = 10;
      const limits = { unansweredCharsMax: 200, firstSilenceMsMax: 1, fullIntervalMs: 5, webSocketsMax: 1 };
      const test = new HubTest(ctx, feed, limits);
      const { client } = test.connect();
      test.tryConnect();
      await client.closed;
      expect(log.of("viewer refused")).toMatchObject([{ level: "info", sockets: 1, streams: 0 }]);
      expect(log.of("viewer closed")).toMatchObject([{ code: 1013, sockets: 1, objectId: ctx.id.toString() }]);
    }));

  it("doesn't close a viewer that answers, however much it gets", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(1, "x".repeat(60));
      feed.count = 50;
      const limits = { unansweredCharsMax: 200, firstSilenceMsMax: 1, silenceMsMax: NEVER_MS, fullIntervalMs: 1 };
      const test = new HubTest(ctx, feed, limits);
      const { client, server } = test.connect();
      for (let position = 0; position < 50; position++) {
        expect(await nextCount(client)).toMatchObject({ from: position, to: position + 1 });
        await test.hub.receive(server, '{"type":"seen"}');
      }
    }));

  it("takes a ping for a sign of life", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(1, "x".repeat(60));
      feed.count = 10;
      const limits = { unansweredCharsMax: 200, firstSilenceMsMax: NEVER_MS, fullIntervalMs: 5 };
      const { client } = new HubTest(ctx, feed, limits).connect();
      let position = 0;
      while (position < 10) {
        const text = await client.nextText();
        if (text === "pong") continue;
        position = (JSON.parse(text) as CountFrame).to;
        await scheduler.wait(2);
        client.socket.send("ping");
      }
    }));

  it("makes up for a round that the end of its former self cut off", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const { client } = new HubTest(ctx, feed, {}).connect();
      await nextCount(client);
      feed.count = 5;
      void new HubTest(ctx, feed, {});
      expect(await nextCount(client)).toMatchObject({ from: 0, to: 5 });
    }));

  it("goes on at once when the clock steps back", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, {});
      const { client } = test.connect();
      await nextCount(client);
      feed.count = 1;
      test.hub.publish();
      await nextCount(client);
      vi.setSystemTime(Date.now() - NEVER_MS);
      try {
        feed.count = 2;
        test.hub.publish();
        expect(await nextCount(client)).toMatchObject({ from: 1, to: 2 });
      } finally {
        vi.useRealTimers();
      }
    }));

  it("answers a write that is refused or fails, with its id", () =>
    inObject(async (ctx) => {
      const errors = vi.spyOn(console, "error").mockImplementation(() => {});
      const failing = new HubTest(ctx, new CounterFeed(), {}, async (body) => {
        if (Object.hasOwn(body as object, "refused")) return refuse("overloaded", "Later.");
        throw new Error("a secret of the inside");
      });
      const { client, server } = failing.connect();
      await nextCount(client);
      await failing.hub.receive(server, '{"type":"write","id":1,"refused":true}');
      expect(await client.next()).toMatchObject({ type: "error", id: 1, code: "overloaded" });
      await failing.hub.receive(server, '{"type":"write","id":2}');
      const text = await client.nextText();
      expect(JSON.parse(text)).toMatchObject({ type: "error", id: 2, code: "internal" });
      expect(text).not.toContain("secret");
      expect(errors).toHaveBeenCalledTimes(1);
      errors.mockRestore();
    }));

  it("is not hindered by a socket that is gone", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, {});
      const [gone, there] = [test.connect(), test.connect()];
      await nextCount(there.client);
      gone.server.close(1000, "");
      feed.count = 1;
      test.hub.publish();
      expect(await nextCount(there.client)).toMatchObject({ to: 1 });
    }));
});
