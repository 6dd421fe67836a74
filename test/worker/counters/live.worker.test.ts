import { describe, expect, it } from "vitest";
import { openEvents } from "../support/event-reader.ts";
import { LiveSocket } from "../support/live-socket.ts";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { TestTenant } from "../support/test-tenant.ts";

interface CountFrame {
  readonly type: string;
  readonly id?: unknown;
  readonly tenant: string;
  readonly count: number;
  readonly offset: string;
}

/** A viewer of counts, frame by frame. */
async function watch(tenant: TestTenant, since?: string) {
  const query = since === undefined ? "" : `?since=${since}`;
  const response = await request("GET", `${tenant.path}/live${query}`, { headers: { Upgrade: "websocket" } });
  expect(response.status).toBe(101);
  const socket = new LiveSocket(response.webSocket!);
  const next = async () => JSON.parse(await socket.nextText()) as CountFrame;
  /** Reads until the count is `count`, which takes fewer frames than there were changes if these were coalesced. */
  const until = async (count: number) => {
    for (;;) {
      const frame = await next();
      if (frame.type === "count" && frame.count === count) return frame;
    }
  };
  /** All that was sent is taken: the answer to an empty write comes after it. */
  const expectNothingMore = async () => {
    socket.send({ type: "write", id: "fence", ids: [] });
    expect(await next()).toMatchObject({ type: "ack", id: "fence" });
  };
  return { socket, next, until, expectNothingMore };
}

describe("a live count", () => {
  it("[N9] comes at once, then with every change, and not with a duplicate", async () => {
    const tenant = new TestTenant();
    const viewer = await watch(tenant);
    expect(await viewer.next()).toEqual({ type: "count", tenant: tenant.name, count: 0, offset: "0:0" });
    await tenant.observe("a", "b");
    const frame = await viewer.next();
    expect(frame).toMatchObject({ type: "count", tenant: tenant.name, count: 2 });
    expect(frame.offset).toMatch(/^[0-9a-f]{16}:2$/);
    await tenant.observe("a", "b", "a");
    await tenant.observe("b");
    await viewer.expectNothingMore();
    await tenant.observe("c");
    expect(await viewer.next()).toMatchObject({ count: 3, offset: frame.offset.replace(/2$/, "3") });
  });

  it("[N9] under load is sent less often, and ends at the count", async () => {
    const tenant = new TestTenant();
    const viewer = await watch(tenant);
    for (let round = 0; round < 40; round++) await tenant.observe(`a-${round}`, `b-${round}`);
    await viewer.until(80);
    expect(viewer.socket.texts.length).toBeLessThanOrEqual(41);
    await viewer.expectNothingMore();
  });

  it("[N9] is resumed from an offset, even that of nothing", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a");
    const first = await (await watch(tenant)).next();
    await tenant.observe("b", "c");
    for (const since of [first.offset, "0:0"]) {
      const viewer = await watch(tenant, since);
      expect(await viewer.next()).toMatchObject({ type: "count", count: 3 });
      await viewer.expectNothingMore();
    }
  });

  it("[N8] [N9] is forgotten when the tenant is erased, and begins again", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a", "b");
    const viewer = await watch(tenant);
    const { offset } = await viewer.next();
    await tenant.erase();
    expect(await viewer.next()).toEqual({ type: "reset" });
    expect(await viewer.next()).toEqual({ type: "count", tenant: tenant.name, count: 0, offset: "0:0" });
    await tenant.observe("a");
    const fresh = await viewer.next();
    expect(fresh).toMatchObject({ type: "count", count: 1 });
    expect(fresh.offset.split(":")[0]).not.toBe(offset.split(":")[0]);

    const late = await watch(tenant, offset);
    expect(await late.next()).toEqual({ type: "reset" });
    expect(await late.next()).toMatchObject({ type: "count", count: 1 });
    await late.expectNothingMore();
  });

  it("[N9] of an offset ahead of the count is forgotten first", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a");
    const { offset } = await (await watch(tenant)).next();
    const viewer = await watch(tenant, offset.replace(/1$/, "2"));
    expect(await viewer.next()).toEqual({ type: "reset" });
    expect(await viewer.next()).toMatchObject({ count: 1, offset });
  });

  it("[N7] [N9] goes on for viewers that stayed while the object was evicted", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a");
    const viewer = await watch(tenant);
    await viewer.next();
    await tenant.evict();
    await tenant.observe("b");
    expect(await viewer.next()).toMatchObject({ type: "count", tenant: tenant.name, count: 2 });
  });

  it("[N2] [R4] takes writes of its own tenant on the socket", async () => {
    const tenant = new TestTenant();
    const viewer = await watch(tenant);
    await viewer.next();
    viewer.socket.send({ type: "write", id: 7, ids: ["a", "a"] });
    const frames = [await viewer.next(), await viewer.next()];
    expect(frames.find((frame) => frame.type === "ack")).toEqual({
      type: "ack",
      id: 7,
      status: "success",
      new: 1,
      duplicates: 1,
      verdicts: ["new", "duplicate"],
    });
    expect(frames.find((frame) => frame.type === "count")).toMatchObject({ count: 1 });
    viewer.socket.send({ type: "write", id: 8, ids: ["b", ""] });
    expect(await viewer.next()).toMatchObject({ type: "error", id: 8, errors: [{ path: "ids[1]" }] });
    expect(await tenant.count()).toBe(1);
  });

  it("[N9] comes as events too, whose ids resume", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a");
    const events = await openEvents(`${tenant.path}/live`);
    const first = await events.nextFrame();
    expect(first.frame).toMatchObject({ type: "count", tenant: tenant.name, count: 1 });
    expect(first.fields["id"]).toBe(first.frame.offset);
    await events.cancel();
    await tenant.observe("b");
    const since = first.fields["id"]!;
    for (const [query, lastEventId] of [
      ["", since],
      // What a client sends that has seen no id yet.
      [`?since=${since}`, ""],
    ] as const) {
      const resumed = await openEvents(`${tenant.path}/live${query}`, { "Last-Event-ID": lastEventId });
      expect((await resumed.nextFrame()).frame).toMatchObject({ type: "count", count: 2 });
      await resumed.cancel();
    }
  });

  it("[R4] is refused an offset that is none", async () => {
    const live = request("GET", `${new TestTenant().path}/live?since=x`, { headers: { Upgrade: "websocket" } });
    await expectProblem(live, "invalid_request", "since");
  });
});
