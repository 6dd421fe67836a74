import { describe, expect, it, vi } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { CounterFeed } from "../support/counter-feed.ts";
import { openEvents } from "../support/event-reader.ts";
import { HubTest, inObject } from "../support/hub-test.ts";
import { expectProblem } from "../support/problems.ts";
import { Replica } from "../support/replica.ts";
import { request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

/** Longer than any test. */
const NEVER_MS = 3_600_000;
const accept = { headers: { Accept: "text/event-stream" } };

describe("a viewer on an event stream", () => {
  it("is brought up to date by the first event, whose id is the offset", async () => {
    const set = new TestSet();
    const { verdicts: _, ...proof } = await set.write(add("a\n\n😀", 1), remove("b", 1));
    const events = await openEvents(`${set.path}/live`);
    expect(events.response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(events.response.headers.get("Cache-Control")).toBe("no-store");
    expect((await events.next()).fields["retry"]).toMatch(/^[0-9]+$/);
    const { fields, frame } = await events.nextFrame();
    expect(fields["id"]).toBe(proof.offset);
    expect(frame).toEqual({ type: "changes", ...proof, changes: [add("a\n\n😀", 1), remove("b", 1)], more: false });
    await events.cancel();
  });

  it("gets each later change", async () => {
    const set = new TestSet();
    const events = await openEvents(`${set.path}/live`);
    const replica = new Replica();
    await replica.take((await events.nextFrame()).frame);
    for (let timestamp = 1; timestamp <= 3; timestamp++) {
      const { offset } = await set.write(add("a", timestamp));
      const { fields, frame } = await events.nextFrame();
      expect(fields["id"]).toBe(offset);
      await replica.take(frame);
    }
    await events.cancel();
  });

  it("resumes by Last-Event-ID, which comes before since", async () => {
    const set = new TestSet();
    const first = await set.write(add("a", 1));
    await set.write(add("b", 1));
    const last = await set.write(add("c", 1));
    for (const [query, headers, changes] of [
      ["", { "Last-Event-ID": first.offset }, ["b", "c"]],
      [`?since=${first.offset}`, {}, ["b", "c"]],
      [`?since=${first.offset}`, { "Last-Event-ID": last.offset }, []],
      [`?since=${first.offset}`, { "Last-Event-ID": "" }, ["b", "c"]],
    ] as const) {
      const events = await openEvents(`${set.path}/live${query}`, headers);
      expect((await events.nextFrame()).frame.changes.map((change) => change.element)).toEqual(changes);
      await events.cancel();
    }
  });

  it("[S20] is reset when it resumes from another epoch, and when the set is erased", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const events = await openEvents(`${set.path}/live`, { "Last-Event-ID": "other:1" });
    const reset = await events.nextFrame();
    expect(reset.frame).toEqual({ type: "reset" });
    expect(reset.fields["id"]).toBeUndefined();
    expect((await events.nextFrame()).frame.changes).toEqual([add("a", 1)]);
    await set.erase();
    expect((await events.nextFrame()).frame).toEqual({ type: "reset" });
    expect(await events.nextFrame()).toMatchObject({ fields: { id: "0:0" }, frame: { type: "changes", size: 0 } });
    await events.cancel();
  });

  it("is refused with a Last-Event-ID that is no offset", async () => {
    const headers = { ...accept.headers, "Last-Event-ID": "x" };
    await expectProblem(request("GET", `${new TestSet().path}/live`, { headers }), "invalid_request", "since");
  });

  it("is not mistaken for a WebSocket because of an upgrade to something else", async () => {
    const events = await openEvents(`${new TestSet().path}/live`, { Upgrade: "h2c" });
    expect(events.response.status).toBe(200);
    await events.cancel();
  });

  it("that reads slowly gets what it missed in one frame", async () => {
    const set = new TestSet();
    const events = await openEvents(`${set.path}/live`);
    const replica = new Replica();
    await replica.take((await events.nextFrame()).frame);
    for (let timestamp = 1; timestamp <= 30; timestamp++) await set.write(add(`element ${timestamp % 3}`, timestamp));
    const { offset } = await set.read();
    let frames = 0;
    for (; replica.offset !== offset; frames++) await replica.take((await events.nextFrame()).frame);
    // A frame or two may be on their way before the reader's pause is felt.
    expect(frames).toBeLessThan(10);
    await events.cancel();
  });

  it("catches up in pages", async () => {
    const set = new TestSet();
    for (let batch = 0; batch < 2; batch++) {
      await set.write(...Array.from({ length: limits.pageRowsMax }, (_, index) => add(`${batch} ${index}`, 1)));
    }
    const { offset } = await set.write(add("last", 1));
    const events = await openEvents(`${set.path}/live`);
    const replica = new Replica();
    const mores: boolean[] = [];
    while (replica.offset !== offset) {
      const { frame } = await events.nextFrame();
      mores.push(frame.more);
      await replica.take(frame);
    }
    expect(mores).toEqual([true, true, false]);
    await events.cancel();
  });

  it("is kept alive by comments while nothing happens, and still gets what happens then", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, { keepAliveMs: 5 });
      const events = test.connectEvents();
      await events.nextFrame();
      for (let time = 0; time < 3; time++) expect((await events.next()).fields).toEqual({ "": "keep-alive" });
      feed.count = 1;
      test.hub.publish();
      expect((await events.nextFrame()).frame).toMatchObject({ from: 0, to: 1 });
      await events.cancel();
    }));

  it("waits while nobody knows how far its topic is", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, { keepAliveMs: 5 });
      feed.isKnown = false;
      const events = test.connectEvents("0");
      expect((await events.next()).fields).toEqual({ "": "keep-alive" });
      feed.isKnown = true;
      test.hub.publish();
      expect((await events.nextFrame()).frame).toMatchObject({ from: 0, to: 0 });
      feed.isKnown = false;
      test.hub.publish();
      expect((await events.next()).fields).toEqual({ "": "keep-alive" });
      await events.cancel();
    }));

  it("goes on after a round of frames that was for others", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed(1);
      const test = new HubTest(ctx, feed, { keepAliveMs: NEVER_MS });
      feed.count = 5;
      const events = test.connectEvents("5");
      await events.nextFrame();
      const waiting = events.nextFrame();
      const behind = test.connect();
      while ((JSON.parse(await behind.client.nextText()) as { to: number }).to < 5);
      feed.count = 6;
      test.hub.publish();
      expect((await waiting).frame).toMatchObject({ from: 5, to: 6 });
      await events.cancel();
    }));

  it("gives its place back when its client goes, be it waiting or not", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, { eventStreamsMax: 2 });
      const [idle, waiting] = [test.connectEvents(), test.connectEvents()];
      const refused = test.tryConnectEvents();
      expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]/);
      await expectProblem(refused, "overloaded");

      await idle.cancel();
      const third = test.connectEvents();
      await waiting.nextFrame();
      const inVain = waiting.next().catch(() => undefined);
      await waiting.cancel();
      await inVain;
      const fourth = test.connectEvents();
      expect(test.tryConnectEvents().status).toBe(503);
      feed.count = 1;
      test.hub.publish();
      for (const events of [third, fourth]) expect((await events.nextFrame()).frame).toMatchObject({ to: 1 });
      await Promise.all([third.cancel(), fourth.cancel()]);
    }));

  it("finds out whether its client is gone when its place is wanted, once for all who come until they may again", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, { eventStreamsMax: 2, keepAliveMs: NEVER_MS });
      const [events, other] = [test.connectEvents(), test.connectEvents()];
      for (const each of [events, other]) await each.nextFrame();
      const asked = [events.next(), other.next()];
      const refused = test.tryConnectEvents();
      expect(refused.status).toBe(503);
      for (const each of asked) expect((await each).fields).toEqual({ "": "keep-alive" });
      // What comes next is news, and no other sign of life.
      const news = events.next();
      expect(test.tryConnectEvents().status).toBe(503);
      feed.count = 1;
      test.hub.publish();
      expect((await news).frame).toMatchObject({ to: 1 });

      const again = events.next();
      const clock = vi
        .spyOn(Date, "now")
        .mockReturnValue(Date.now() + 1_000 * Number(refused.headers.get("Retry-After")));
      expect(test.tryConnectEvents().status).toBe(503);
      clock.mockRestore();
      expect((await again).fields).toEqual({ "": "keep-alive" });
      await Promise.all([events.cancel(), other.cancel()]);
    }));

  it("gives its place back when nothing more can be sent to its client", () =>
    inObject(async (ctx) => {
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, { eventStreamsMax: 1 });
      const broken = test.connectEvents();
      feed.step = () => {
        throw new Error("planted");
      };
      await expect(broken.nextFrame()).rejects.toThrow();
      expect(test.tryConnectEvents().status).toBe(200);
    }));

  it("gives its place back when its client goes from the edge", async () => {
    const set = new TestSet();
    const open = await Promise.all(
      Array.from({ length: limits.eventStreamsMax }, () => openEvents(`${set.path}/live`)),
    );
    expect(open.filter((events) => events.response.status === 200)).toHaveLength(limits.eventStreamsMax);
    await expectProblem(request("GET", `${set.path}/live`, accept), "overloaded");
    await Promise.all(open.map((events) => events.cancel()));
    const again = await openEvents(`${set.path}/live`);
    expect(again.response.status).toBe(200);
    await again.cancel();
  });
});
