import { describe, expect, it } from "vitest";
import { CURSOR_LAG_MAX } from "../../../src/worker/streams/user-feed.ts";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { TestStream } from "../support/test-stream.ts";

function numbered(from: number, to: number, rest: string): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}|${rest}`);
}

describe("a user, live", () => {
  it("[T28] is told what concerns it and nothing else, from now on", async () => {
    const stream = new TestStream();
    await stream.take("1|F|a|b", "2|B");
    const [a, b] = [await stream.follow("a"), await stream.follow("b")];
    for (const viewer of [a, b]) expect(await viewer.frame()).toEqual({ type: "events", cursor: 2, events: [] });
    await stream.take("3|S|b", "4|F|c|a", "5|U|a|b", "6|S|b", "7|P|a|b", "008|B");
    expect(await a.toldUntil(8)).toEqual(["3|S|b", "4|F|c|a", "008|B"]);
    expect(await b.toldUntil(8)).toEqual(["7|P|a|b", "008|B"]);
    expect((await stream.status()).users).toBe(2);
    for (const viewer of [a, b]) await viewer.close();
    expect((await stream.status()).users).toBe(0);
  });

  it("[T28] resumes from any number with exactly what came after it", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 0 });
    await stream.take("1|F|a|b", "2|S|b", "3|U|a|b", "4|S|b", "7|P|c|a", "8|F|a|b", "9|S|b");
    const all = ["2|S|b", "5-6", "7|P|c|a", "9|S|b"];
    const expected = [all, all, ...Array(3).fill(all.slice(1)), ["6-6", ...all.slice(2)], all.slice(2), ["9|S|b"]];
    for (const [since, told] of expected.entries()) {
      const viewer = await stream.follow("a", `?since=${since}`);
      expect(await viewer.toldUntil(9), `since ${since}`).toEqual(told);
      await viewer.close();
    }
  });

  it("[T28] refuses a number that is not there yet, or no longer", async () => {
    const stream = new TestStream();
    await stream.configure({ retention_events: 2 });
    for (const line of numbered(1, 6, "B")) await stream.take(line);
    expect((await stream.status()).oldest).toBe(4);
    await expectProblem(stream.tryConnect("/users/a/live?since=7"), "invalid_request", "since");
    await expectProblem(stream.tryConnect("/users/a/live?since=3"), "offset_gone", "since");
    const headers = { Accept: "text/event-stream", "Last-Event-ID": "3" };
    await expectProblem(request("GET", stream.userPath("a"), { headers }), "offset_gone", "since");
    await expectProblem(stream.tryConnect("/users/a/live?since=x"), "invalid_request", "since");
    for (const since of [4, 0]) {
      expect(await (await stream.follow("a", `?since=${since}`)).toldUntil(6)).toEqual(["5|B", "6|B"]);
    }
  });

  it("[T15] [T28] resumes over a log of many steps while the stream goes on", async () => {
    const stream = new TestStream();
    for (let from = 1; from < 300_000; from += 60_000) await stream.take(...numbered(from, from + 59_999, "B"));
    const viewer = await stream.follow("a", "?since=0");
    await stream.take("300001|B");
    expect(await viewer.toldUntil(300_001)).toEqual(numbered(1, 300_001, "B"));
    expect(viewer.texts.length).toBeGreaterThan(5);
  });

  it("[T28] goes on after an eviction, with what came meanwhile, once", async () => {
    const stream = new TestStream();
    await stream.take("1|F|a|b");
    const viewer = await stream.follow("a");
    await viewer.frame();
    for (let round = 2; round < 10; round += 2) {
      await stream.evict();
      await stream.take(`${round}|S|b`, `${round + 1}|P|x|y`);
      expect(await viewer.toldUntil(round + 1)).toEqual([`${round}|S|b`]);
    }
    expect((await stream.status()).users).toBe(1);
  });

  it("[T28] is told the cursor now and then when nothing concerns it", async () => {
    const stream = new TestStream();
    const viewer = await stream.follow("a");
    await viewer.frame();
    await stream.take(...numbered(1, CURSOR_LAG_MAX, "P|x|y"));
    await stream.take(`${CURSOR_LAG_MAX + 1}|P|x|y`);
    expect(await viewer.frame()).toEqual({ type: "events", cursor: CURSOR_LAG_MAX + 1, events: [] });
  });

  it("[T28] has several connections, each of which is told everything", async () => {
    const stream = new TestStream();
    const [first, second] = [await stream.follow("a"), await stream.follow("a")];
    for (const viewer of [first, second]) await viewer.frame();
    await stream.take("1|B");
    for (const viewer of [first, second]) expect(await viewer.toldUntil(1)).toEqual(["1|B"]);
    await first.close();
    await stream.take("2|B");
    expect(await second.toldUntil(2)).toEqual(["2|B"]);
  });

  it("[T28] as event stream carries ids to resume from", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 0 });
    const events = await stream.followEvents("a");
    expect((await events.nextFrame()).fields).toMatchObject({ id: "0" });
    await stream.take("1|B", "2|P|x|a", "5|B");
    const seen: string[] = [];
    while (seen.length < 3) {
      const { fields, frame } = await events.nextFrame();
      seen.push(`${fields["id"]} ${frame.type}`);
    }
    expect(seen).toEqual(["2 events", "4 gap", "5 events"]);
    await events.cancel();
    const resumed = await stream.followEvents("a", "?since=0", { "Last-Event-ID": "4" });
    expect((await resumed.nextFrame()).frame).toEqual({ type: "events", cursor: 5, events: ["5|B"] });
    await resumed.cancel();
  });

  it("[T30] has no more connections than max_users, in whatever form", async () => {
    const stream = new TestStream();
    await stream.configure({ max_users: 2 });
    const [first, events] = [await stream.follow("a"), await stream.followEvents("b")];
    const { detail } = await expectProblem(stream.tryConnect("/users/c/live"), "overloaded");
    expect(detail).toContain("max_users");
    await events.cancel();
    const third = await stream.follow("c");
    const gateway = await stream.gateway();
    gateway.tell({ type: "join", users: [{ id: 1, user: "d" }] });
    expect(await gateway.frame()).toMatchObject({ type: "refused", what: "user", id: 1, code: "overloaded" });
    await first.close();
    gateway.tell({
      type: "join",
      users: [
        { id: 2, user: "d" },
        { id: 3, user: "d" },
      ],
    });
    expect(await gateway.frame()).toMatchObject({ type: "refused", id: 3 });
    expect(await gateway.frame()).toMatchObject({ type: "joined", ids: [2] });
    await expectProblem(stream.tryConnect("/users/e/live"), "overloaded");
    await third.close();
  });

  it("[T1] has a name without a bar", async () => {
    const stream = new TestStream();
    await expectProblem(stream.tryConnect("/users/a%7Cb/live"), "invalid_request", "user");
    await stream.take("1|F|é/ x|y");
    const viewer = await stream.follow("é/ x");
    await viewer.frame();
    await stream.take("2|S|y");
    expect(await viewer.toldUntil(2)).toEqual(["2|S|y"]);
  });
});

describe("bare lines", () => {
  it("[T29] are the same lines, and nothing else", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 0 });
    await stream.take("1|B", "3|P|x|a");
    const viewer = await stream.follow("a", "?since=0&format=lines");
    expect(await viewer.nextText()).toBe("1|B\n3|P|x|a\n");
    await stream.take("4|P|x|y");
    await stream.take("006|B", "7|B");
    expect(await viewer.nextText()).toBe("006|B\n7|B\n");
    expect(viewer.texts).toHaveLength(2);
  });

  it("[T29] as events have their numbers for ids", async () => {
    const stream = new TestStream();
    await stream.take("001|B", "2|P|x|a", "3|P|x|y");
    const events = await stream.followEvents("a", "?since=0&format=lines");
    const text = new TextDecoder().decode((await events.readRaw()).slice());
    expect(text).toBe("retry: 1000\n\nid: 1\ndata: 001|B\n\nid: 2\ndata: 2|P|x|a\n\nid: 3\n\n");
    await events.cancel();
  });
});
