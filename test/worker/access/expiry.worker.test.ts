import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { succeed } from "../../../src/protocol/problem.ts";
import { viewerRights, withViewerRights } from "../../../src/worker/live/viewer-rights.ts";
import { handle } from "../../../src/worker/serve.ts";
import { CounterFeed } from "../support/counter-feed.ts";
import { EventReader } from "../support/event-reader.ts";
import { HubTest, inObject } from "../support/hub-test.ts";
import { LiveSocket } from "../support/live-socket.ts";
import { expectProblem } from "../support/problems.ts";
import { add, remove, TestSet } from "../support/test-set.ts";
import { mint, SECRET } from "../support/tokens.ts";

const settings = { ...env, AUTH_MODE: "token", AUTH_SECRET: SECRET };

async function ask(path: string, token: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  const request = new Request(`http://weir${path}`, { headers: { Authorization: `Bearer ${token}`, ...headers } });
  return handle(request, settings, createExecutionContext());
}

async function connect(path: string, token: string): Promise<LiveSocket> {
  const response = await ask(path, token, { Upgrade: "websocket" });
  expect(response.status).toBe(101);
  return new LiveSocket(response.webSocket!);
}

const EXPIRED = { code: 1008, reason: "the token has expired" };
/** Whole seconds, so it is from one to two until then. */
const soon = { expiresInS: 2 };

describe("a live connection", () => {
  it.each(["/sets/expiry-1/live", "/items/expiry-1/live", "/analytics/live?site=expiry-1"])(
    "[K10] to %s is closed when its token expires, though nothing happens",
    async (path) => {
      const socket = await connect(path, await mint({ scope: "sets:read items:read analytics:read", ...soon }));
      await socket.next();
      expect(await socket.closed).toEqual(EXPIRED);
    },
  );

  it("[K10] is closed though the object was away meanwhile", async () => {
    const set = new TestSet();
    const socket = await connect(`${set.path}/live`, await mint({ scope: "sets:read", ...soon }));
    await socket.next("changes");
    await set.evict();
    expect(await socket.closed).toEqual(EXPIRED);
    expect(await set.alarm()).toBeNull();
  });

  it("[K10] by events ends when its token expires", async () => {
    const set = new TestSet();
    const token = await mint({ scope: "sets:read", ...soon });
    const events = new EventReader(await ask(`${set.path}/live`, token, { Accept: "text/event-stream" }));
    await events.nextFrame();
    await expect(events.next()).rejects.toThrow("The stream ended");
  });

  it("[K6] writes only what its token lets it write", async () => {
    const set = new TestSet();
    const reader = await connect(`${set.path}/live`, await mint({ scope: `sets:read sets:write:${set.name}x` }));
    await reader.next("changes");
    reader.send({ type: "write", id: 1, ops: [add("a", 1)] });
    expect(await reader.next()).toMatchObject({ type: "error", id: 1, code: "forbidden" });
    const writer = await connect(`${set.path}/live`, await mint({ scope: `sets:read sets:write:${set.name}` }));
    await writer.next("changes");
    await set.evict();
    writer.send({ type: "write", id: 2, ops: [add("b", 1)] });
    expect((await set.changes("?wait=10000")).changes).toEqual([add("b", 1)]);
    for (const socket of [reader, writer]) await socket.close();
  });

  it("is refused to pages of other origins that are not configured, whatever their token", async () => {
    const set = new TestSet();
    const token = await mint({ scope: "admin" });
    const headers = { Origin: "https://page.example", Upgrade: "websocket" };
    await expectProblem(ask(`${set.path}/live`, token, headers), "forbidden");
    const trusted = { ...settings, CORS_ORIGINS: "https://page.example" };
    for (const [origin, env_] of [
      ["https://page.example", trusted],
      ["http://weir", settings],
    ] as const) {
      const request = new Request(`http://weir${set.path}/live`, {
        headers: { ...headers, Origin: origin, "Sec-WebSocket-Protocol": `weir, bearer.${token}` },
      });
      const response = await handle(request, env_, createExecutionContext());
      expect([response.status, response.headers.get("Sec-WebSocket-Protocol")]).toEqual([101, "weir"]);
      await new LiveSocket(response.webSocket!).close();
    }
  });
});

describe("a viewer whose token has expired", () => {
  const PAST = { mayWrite: true, expiresMs: 1 };

  it("[K10] is told nothing more, nor is anything taken from it", () =>
    inObject(async (ctx) => {
      const written: unknown[] = [];
      const feed = new CounterFeed();
      const test = new HubTest(ctx, feed, {}, async (body) => {
        written.push(body);
        return succeed({});
      });
      const [silent, talking] = [test.connect(undefined, PAST), test.connect(undefined, PAST)];
      for (const { client } of [silent, talking]) await client.next();
      await test.hub.receive(talking.server, JSON.stringify({ type: "write", id: 1 }));
      feed.count += 1;
      test.hub.publish();
      for (const { client } of [silent, talking]) {
        expect(await client.closed).toEqual(EXPIRED);
        expect(client.texts).toHaveLength(1);
      }
      expect(written).toEqual([]);
    }));

  it("[K10] is told nothing at all by events", () =>
    inObject(async (ctx) => {
      const test = new HubTest(ctx, new CounterFeed(), {});
      const events = test.connectEvents(undefined, PAST);
      await expect(events.next()).rejects.toThrow("The stream ended");
      // Its place is free again.
      expect(test.hub.topics().size).toBe(0);
    }));

  it("[K10] leaves alone those who have time", () =>
    inObject(async (ctx) => {
      const test = new HubTest(ctx, new CounterFeed(), {});
      const [first, second] = [Date.now() + 60_000, Date.now() + 90_000];
      expect(test.hub.expiryDueMs).toBeUndefined();
      const viewers = [
        test.connect(),
        test.connect(undefined, { mayWrite: false, expiresMs: second }),
        test.connect(undefined, { mayWrite: false, expiresMs: first }),
        test.connect(undefined, PAST),
      ];
      expect(test.hub.expiryDueMs).toBe(1);
      expect(test.hub.closeExpired()).toBe(1);
      expect(test.hub.expiryDueMs).toBe(first);
      expect(test.hub.closeExpired()).toBe(0);
      for (const { client } of viewers.slice(0, 3)) await client.close();
    }));
});

describe("the alarm of a set", () => {
  it("is for tombstones and for tokens: the first of them sets it, and then the next", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: 600_000 });
    await set.write(remove("a", Date.now()));
    const purgeMs = await set.alarm();
    expect(purgeMs).toBeGreaterThan(Date.now() + 500_000);
    const patient = await connect(`${set.path}/live`, await mint({ scope: "sets:read", expiresInS: 3_600 }));
    expect(await set.alarm()).toBe(purgeMs);
    await set.evict();
    const hasty = await connect(`${set.path}/live`, await mint({ scope: "sets:read", ...soon }));
    expect(await set.alarm()).toBeLessThan(Date.now() + 3_000);
    expect(await hasty.closed).toEqual(EXPIRED);
    expect(await set.alarm()).toBe(purgeMs);
    await patient.close();
  });

  it("is set for tokens though the set was never written, and though it is erased", async () => {
    const set = new TestSet();
    const socket = await connect(`${set.path}/live`, await mint({ scope: "sets:read", expiresInS: 3_600 }));
    const expiresMs = await set.alarm();
    expect(expiresMs).toBeGreaterThan(Date.now() + 3_000_000);
    await set.erase();
    expect(await set.alarm()).toBe(expiresMs);
    expect(await set.tables()).toEqual([]);
    await socket.close();
  });
});

describe("what an object is told of a viewer", () => {
  it("is what the edge decided, whatever the client says, and never the token", () => {
    const headers = {
      Authorization: "Bearer secret-token",
      "Sec-WebSocket-Protocol": "bearer.secret-token, weir",
      "Weir-Viewer": "writes",
    };
    const request = new Request("http://weir/sets/a/live", { headers });
    for (const rights of [{ mayWrite: false }, { mayWrite: true, expiresMs: 1_234 }]) {
      const told = withViewerRights(request, rights);
      expect(viewerRights(told)).toEqual(rights);
      expect(JSON.stringify([...told.headers])).not.toContain("secret-token");
      expect(told.headers.get("Sec-WebSocket-Protocol")).toBe("weir");
    }
    expect(viewerRights(new Request("http://weir/"))).toEqual({ mayWrite: false });
  });
});
