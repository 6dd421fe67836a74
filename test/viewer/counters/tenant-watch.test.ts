/** Several tenants watched as one, against a network by hand. */
import { beforeEach, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import { TenantWatch } from "../../../src/viewer/counters/tenant-watch.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";
import type { FakeSocket } from "../../support/fake-runtime.ts";

let runtime: FakeRuntime;
let watch: TenantWatch;
let drawn: number;

beforeEach(() => {
  runtime = new FakeRuntime();
  drawn = 0;
  const client = new WeirClient({ url: "http://weir.test", runtime });
  const changed = (): void => void (drawn += 1);
  watch = new TenantWatch(client, ["a", "b", "c"], { nowMs: () => runtime.nowMs(), changed });
});

function socketOf(tenant: string): FakeSocket {
  return runtime.sockets.findLast(({ url }) => url.pathname === `/items/${tenant}/live`)!;
}

function say(tenant: string, count: number): void {
  socketOf(tenant).open();
  socketOf(tenant).say({ type: "count", tenant, count, offset: `e:${count}` });
}

function shown(): readonly string[] {
  return watch.counts().map(({ tenant, count, perSecond }) => `${tenant} ${count ?? "?"} ${perSecond}`);
}

it("sorts by count, what is not known yet last, and draws when something comes", () => {
  watch.connect();
  expect(shown()).toEqual(["a ? 0", "b ? 0", "c ? 0"]);
  say("c", 0);
  say("b", 7);
  expect(shown()).toEqual(["b 7 0", "c 0 0", "a ? 0"]);
  drawn = 0;
  runtime.pass(1_000);
  say("c", 20);
  expect(drawn).toBeGreaterThan(0);
  expect(shown()).toEqual(["c 20 2", "b 7 0", "a ? 0"]);
});

it("is live when all are, and as bad as the worst of them", () => {
  expect(watch.status.kind).toBe("idle");
  watch.connect();
  expect(watch.status.kind).toBe("connecting");
  for (const tenant of ["a", "b"]) say(tenant, 1);
  expect(watch.status.kind).toBe("connecting");
  say("c", 1);
  expect(watch.status).toEqual({ kind: "live", again: false, retryAtMs: undefined });
  socketOf("b").cut();
  expect(watch.status.kind).toBe("waiting");
  expect(watch.status.retryAtMs).toBeGreaterThan(runtime.nowMs());
  watch.disconnect();
  expect(watch.status.kind).toBe("idle");
  watch.close();
  expect(runtime.timers).toBe(0);
});

it("tries the others at once when one gets through again", () => {
  watch.connect();
  for (const tenant of ["a", "b", "c"]) say(tenant, 1);
  // Each waits for another time, the longer the greater the chance.
  for (const [index, socket] of runtime.sockets.slice().entries()) {
    runtime.jitter = [0.9, 0.1, 0.8][index]!;
    socket.cut();
  }
  runtime.pass(watch.status.retryAtMs! - runtime.nowMs());
  expect(runtime.sockets.slice(3).map(({ url }) => url.pathname)).toEqual(["/items/b/live"]);
  say("b", 1);
  expect(runtime.sockets.length).toBe(6);
  for (const each of ["a", "c"]) say(each, 5);
  expect(watch.status).toMatchObject({ kind: "live", again: true });
});

it("opens a few at a time, and all in the end", () => {
  const client = new WeirClient({ url: "http://weir.test", runtime });
  const tenants = Array.from({ length: 20 }, (_, index) => `t${index}`);
  const many = new TenantWatch(client, tenants, { nowMs: () => runtime.nowMs(), changed: () => {} });
  many.connect();
  expect(runtime.sockets.length).toBe(8);
  expect(many.status.kind).toBe("connecting");
  for (const tenant of tenants) say(tenant, 1);
  expect(runtime.sockets.length).toBe(20);
  expect(many.status.kind).toBe("live");
  many.disconnect();
  expect(many.status.kind).toBe("idle");
  expect(runtime.sockets.every(({ isOpen }) => !isOpen)).toBe(true);
});

it("counts no growth into the rate that nobody saw happen", () => {
  watch.connect();
  say("a", 1);
  socketOf("a").cut();
  runtime.pass(60_000);
  say("a", 1_000);
  expect(shown()[0]).toBe("a 1000 0");
  socketOf("a").say({ type: "reset" });
  say("a", 0);
  runtime.pass(500);
  say("a", 10);
  expect(shown()[0]).toBe("a 10 1");
});
