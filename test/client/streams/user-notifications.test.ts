/** A user's notifications as an async iterable, against a network by hand. */
import { describe, expect, it } from "vitest";
import { WeirClient, WeirError } from "../../../src/client/index.ts";
import type { StreamNotification, UserNotificationsOptions } from "../../../src/client/index.ts";
import { WAITING_MAX } from "../../../src/client/streams/user-notifications.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

function follow(options: UserNotificationsOptions = {}, fetchWith?: typeof fetch) {
  const runtime = new FakeRuntime();
  const refuse: typeof fetch = () => Promise.reject(new Error("nobody there"));
  const client = new WeirClient({ url: "http://weir.test", runtime, fetch: fetchWith ?? refuse });
  const notifications = client.stream("s").user("60", options)[Symbol.asyncIterator]();
  return { runtime, notifications };
}

function since(runtime: FakeRuntime): string | null {
  return runtime.socket.url.searchParams.get("since");
}

function events(cursor: number, ...lines: readonly string[]): object {
  return { type: "events", cursor, events: lines };
}

async function take(notifications: AsyncIterator<StreamNotification, undefined>, count: number) {
  const taken: StreamNotification[] = [];
  while (taken.length < count) {
    const { done, value } = await notifications.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken.map((each) =>
    each.kind === "event" ? each.line : each.kind === "gap" ? `gap ${each.from}-${each.to}` : "reset",
  );
}

/** A server that has this to say against what is asked. */
function refusing(status: number, code: string): typeof fetch {
  const body = { type: "x", title: code, status, code, detail: "Begin elsewhere." };
  return () => Promise.resolve(new Response(JSON.stringify(body), { status }));
}

describe("a user's notifications", () => {
  it("come in order, gaps among them, and resume after the last one when the connection breaks", async () => {
    const { runtime, notifications } = follow();
    expect(runtime.socket.url.pathname).toBe("/streams/s/users/60/live");
    expect(since(runtime)).toBeNull();
    runtime.socket.open();
    runtime.socket.say(events(7));
    runtime.socket.say(events(9, "8|B", "9|P|1|60"));
    expect(await take(notifications, 2)).toEqual(["8|B", "9|P|1|60"]);
    runtime.socket.cut();
    runtime.pass(250);
    expect(since(runtime)).toBe("9");
    runtime.socket.open();
    runtime.socket.say({ type: "gap", from: 10, to: 12 });
    runtime.socket.cut();
    runtime.pass(250);
    expect(since(runtime)).toBe("12");
    runtime.socket.open();
    runtime.socket.say(events(14, "013|B"));
    const { value } = await notifications.next();
    expect(value).toEqual({ kind: "gap", from: 10, to: 12 });
    expect((await notifications.next()).value).toEqual({ kind: "event", sequence: 13, line: "013|B" });
  });

  it("begin where they are told to, and tell how far they are though there is nothing to tell", async () => {
    const cursors: number[] = [];
    const { runtime } = follow({ since: 0, onCursor: (cursor) => cursors.push(cursor) });
    expect(since(runtime)).toBe("0");
    runtime.socket.open();
    runtime.socket.say(events(5, "1|B"));
    runtime.socket.say(events(70));
    expect(cursors).toEqual([5, 70]);
    runtime.socket.cut();
    runtime.pass(250);
    expect(since(runtime)).toBe("70");
  });

  it("tell of an erased stream, and go on with the next from its beginning", async () => {
    const { runtime, notifications } = follow({ since: 3 }, refusing(400, "invalid_request"));
    runtime.socket.open();
    runtime.socket.say(events(4, "4|B"));
    const first = runtime.socket;
    first.say({ type: "reset" });
    expect(first.closedWith).toBeDefined();
    expect(await take(notifications, 2)).toEqual(["4|B", "reset"]);
    expect(since(runtime)).toBe("0");
    runtime.socket.open();
    runtime.socket.say(events(1, "1|B"));
    expect(await take(notifications, 1)).toEqual(["1|B"]);
  });

  it("ask until they know what a reset means", async () => {
    let tries = 0;
    const answer = refusing(400, "invalid_request");
    const { runtime, notifications } = follow({ since: 3 }, (...call) => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error("nobody there")) : answer(...call);
    });
    runtime.socket.open();
    runtime.socket.say({ type: "reset" });
    for (let waits = 0; waits < 3; waits++) {
      await new Promise(setImmediate);
      runtime.pass(1_000);
    }
    expect(await take(notifications, 1)).toEqual(["reset"]);
    expect(tries).toBe(3);
  });

  it("end with an error where a reset means that something was missed for good", async () => {
    const { runtime, notifications } = follow({ since: 3 }, refusing(410, "offset_gone"));
    runtime.socket.open();
    runtime.socket.say(events(4, "4|B"));
    runtime.socket.say({ type: "reset" });
    expect(await take(notifications, 1)).toEqual(["4|B"]);
    await expect(notifications.next()).rejects.toMatchObject({ code: "offset_gone" });
    expect(runtime.timers).toBe(0);
  });

  it("end with an error that trying again would not change", async () => {
    const { runtime, notifications } = follow({ since: 3 }, refusing(410, "offset_gone"));
    const next = notifications.next();
    runtime.socket.cut();
    await expect(next).rejects.toMatchObject({ code: "offset_gone", detail: "Begin elsewhere." });
    await expect(notifications.next()).rejects.toBeInstanceOf(WeirError);
    expect(runtime.timers).toBe(0);
  });

  it("ask why a socket was refused with the position that they have, gaps included", async () => {
    const asked: string[] = [];
    const answer = refusing(410, "offset_gone");
    const { runtime, notifications } = follow({}, (url, init) => {
      asked.push(`${init?.method} ${url instanceof URL ? url.href : ""}`);
      return answer(url, init);
    });
    runtime.socket.open();
    runtime.socket.say(events(4, "4|B"));
    runtime.socket.say({ type: "gap", from: 5, to: 6 });
    runtime.socket.cut();
    runtime.pass(250);
    runtime.socket.cut();
    expect(await take(notifications, 2)).toEqual(["4|B", "gap 5-6"]);
    await expect(notifications.next()).rejects.toMatchObject({ code: "offset_gone" });
    expect(asked).toEqual(["GET http://weir.test/streams/s/users/60/live?since=6"]);
  });

  it("keep trying where it would", async () => {
    const { runtime, notifications } = follow({}, refusing(503, "overloaded"));
    runtime.socket.cut();
    await new Promise(setImmediate);
    runtime.pass(250);
    runtime.socket.open();
    runtime.socket.say(events(1, "1|B"));
    expect(await take(notifications, 1)).toEqual(["1|B"]);
  });

  it(`let go of the connection at ${WAITING_MAX} that wait and one more, and resume when they were read`, async () => {
    const { runtime, notifications } = follow();
    runtime.socket.open();
    const many = (from: number, count: number) => Array.from({ length: count }, (_, index) => `${from + index}|B`);
    runtime.socket.say(events(WAITING_MAX, ...many(1, WAITING_MAX)));
    expect(runtime.socket.isOpen).toBe(true);
    runtime.socket.say(events(WAITING_MAX + 1, ...many(WAITING_MAX + 1, 1)));
    expect(runtime.socket.isOpen).toBe(false);
    const read = await take(notifications, WAITING_MAX);
    expect(runtime.sockets).toHaveLength(1);
    read.push(...(await take(notifications, 1)));
    expect(read).toEqual(many(1, WAITING_MAX + 1));
    expect(since(runtime)).toBe(String(WAITING_MAX + 1));
    expect(runtime.sockets).toHaveLength(2);
  });

  it("end with the loop, and with the signal, and leave nothing behind", async () => {
    const { runtime, notifications } = follow();
    runtime.socket.open();
    const next = notifications.next();
    await notifications.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect([runtime.timers, runtime.networkListeners, runtime.socket.isOpen]).toEqual([0, 0, false]);

    const stop = new AbortController();
    const other = follow({ signal: stop.signal });
    other.runtime.socket.open();
    other.runtime.socket.say(events(1, "1|B"));
    stop.abort();
    expect(await take(other.notifications, 2)).toEqual(["1|B"]);
    expect(other.runtime.timers).toBe(0);
    expect(follow({ signal: stop.signal }).runtime.sockets).toEqual([]);
  });
});
