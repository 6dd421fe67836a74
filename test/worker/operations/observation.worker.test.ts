import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import type { Env } from "../../../src/worker/env.ts";
import { handle } from "../../../src/worker/serve.ts";
import { openEvents } from "../support/event-reader.ts";
import { captureLog } from "../support/logged-lines.ts";
import { request } from "../support/request.ts";
import { add, TestSet } from "../support/test-set.ts";

async function send(init: RequestInit & { readonly path: string }, settings: Partial<Env> = {}): Promise<Response> {
  const { path, ...rest } = init;
  const response = await handle(
    new Request(`http://weir${path}`, rest),
    { ...env, ...settings },
    createExecutionContext(),
  );
  if (response.status !== 101) await response.text();
  return response;
}

describe("the id of a request", () => {
  it.each([
    "018f4e2c-7a51-7cc2-9d1e-3a5b8a3c9f10",
    "a",
    "x".repeat(64),
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  ])("is echoed: %s", async (id) => {
    const headers = { "X-Request-Id": id };
    for (const path of ["/healthz", "/sets/a?limit=0", "/nowhere"]) {
      expect((await send({ path, headers })).headers.get("X-Request-Id")).toBe(id);
    }
    const events = await openEvents("/sets/a/live", headers);
    expect(events.response.headers.get("X-Request-Id")).toBe(id);
    await events.cancel();
  });

  it.each([
    "",
    "x".repeat(65),
    "two words",
    'a"b',
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIiwic2NvcGUiOiJhZG1pbiJ9.c2lnbmF0dXJl",
  ])("is not echoed, and not logged, when it is not well-formed: %j", async (id) => {
    const log = captureLog();
    const headers = { "X-Request-Id": id };
    expect((await send({ path: "/healthz", headers })).headers.get("X-Request-Id")).toBeNull();
    expect((await send({ path: "/nowhere", headers })).headers.get("X-Request-Id")).toMatch(/^[0-9a-f]{16}$/);
    expect(log.of("request")).toHaveLength(1);
    if (id !== "") expect(JSON.stringify(log.all())).not.toContain(JSON.stringify(id).slice(1, -1));
  });

  it("is in every refusal, and is the log's; behind Cloudflare it is the edge's", async () => {
    const log = captureLog();
    const refused = await send({ path: "/nowhere" });
    const behindEdge = await send({ path: "/nowhere", headers: { "CF-Ray": "8f2c1b3d4e5f6a7b-FRA" } });
    expect(behindEdge.headers.get("X-Request-Id")).toBe("8f2c1b3d4e5f6a7b-FRA");
    const ids = [refused, behindEdge].map((response) => response.headers.get("X-Request-Id"));
    expect(log.of("request").map(({ id }) => id)).toEqual(ids);
  });
});

it("says how long it took to whoever sends an id or is refused, in every answer but a handshake", async () => {
  const headers = { "X-Request-Id": "a" };
  for (const path of ["/healthz", "/", "/sets/a", "/nowhere"]) {
    expect((await send({ path, headers })).headers.get("Server-Timing")).toMatch(/^total;dur=\d+$/);
  }
  expect((await send({ path: "/nowhere" })).headers.get("Server-Timing")).toMatch(/^total;dur=\d+$/);
  expect((await send({ path: "/healthz" })).headers.get("Server-Timing")).toBeNull();
  const upgraded = await send({ path: "/sets/a/live", headers: { ...headers, Upgrade: "websocket" } });
  expect([upgraded.status, upgraded.headers.get("Server-Timing")]).toEqual([101, null]);
  upgraded.webSocket!.accept();
  upgraded.webSocket!.close();
});

it("lets pages of other origins send an id and see it", async () => {
  const headers = { Origin: "https://page.example", "X-Request-Id": "a" };
  const read = await send({ path: "/sets/a", headers });
  expect(read.headers.get("Access-Control-Expose-Headers")).toContain("X-Request-Id");
  const preflight = await send({ path: "/sets/a", method: "OPTIONS", headers });
  expect(preflight.headers.get("Access-Control-Allow-Headers")).toContain("X-Request-Id");
});

describe("the log", () => {
  it("has a line for each request with LOG_SAMPLE=1, and none for successes with 0", async () => {
    const log = captureLog();
    const { path } = new TestSet();
    const body = JSON.stringify({ ops: [add("a", 1)] });
    const sent = {
      path: `${path}/ops`,
      method: "POST",
      body,
      headers: { "X-Request-Id": "i", "Content-Length": String(body.length) },
    };
    await send(sent, { LOG_SAMPLE: "0" });
    expect(log.of("request")).toEqual([]);
    const response = await handle(
      new Request(`http://weir${sent.path}`, sent),
      { ...env, LOG_SAMPLE: "1" },
      createExecutionContext(),
    );
    const out = (await response.arrayBuffer()).byteLength;
    expect(log.of("request")).toEqual([
      {
        level: "info",
        event: "request",
        route: "setOps",
        method: "POST",
        status: 200,
        ms: expect.any(Number),
        in: body.length,
        out,
        feature: "sets",
        id: "i",
        share: 1,
      },
    ]);
  });

  it.each([
    ["0.25", 0.24, 1],
    ["0.25", 0.25, 0],
    [undefined, 0.009, 1],
    [undefined, 0.011, 0],
    ["all", 0.009, 1],
    ["1.5", 0.011, 0],
  ])("has the share of successes that LOG_SAMPLE=%s says: at %d there are %d", async (setting, random, lines) => {
    const log = captureLog();
    vi.spyOn(Math, "random").mockReturnValue(random);
    const { LOG_SAMPLE: _, ...unset } = env;
    await handle(
      new Request("http://weir/healthz"),
      setting === undefined ? unset : { ...env, LOG_SAMPLE: setting },
      createExecutionContext(),
    );
    vi.restoreAllMocks();
    expect(log.of("request")).toHaveLength(lines);
  });

  it("has a fault with its stack and the id that its caller was told", async () => {
    const log = captureLog();
    const broken = {
      ...env,
      SETS: {
        getByName: () => {
          throw new Error("planted");
        },
      },
    } as unknown as Env;
    const response = await handle(new Request("http://weir/sets/a"), broken, createExecutionContext());
    const id = response.headers.get("X-Request-Id");
    expect(await response.json()).toMatchObject({ code: "internal" });
    const fault = { level: "error", message: "planted", id, route: "setElements" };
    expect(log.all()).toContainEqual({ ...fault, stack: expect.stringContaining("planted") });
    expect(log.of("request")).toMatchObject([{ level: "warn", status: 500, id, route: "setElements" }]);
  });

  it("names nobody and nothing: no set, element, tenant, item, site, user or token, in any route", async () => {
    const log = captureLog();
    const secret = "Secret-7Q";
    for (const [id, { method, path, access }] of Object.entries<Endpoint>(endpoints)) {
      if (access.kind === "admin" && method !== "GET") continue;
      const query = `?timestamp=1700000000000&user=${secret}&site=${secret}&value=${secret}&click&since=${secret}&id=${secret}`;
      const body = JSON.stringify({
        value: secret,
        timestamp: 1,
        id: secret,
        tenant: secret,
        ops: [add(secret)],
        user: secret,
      });
      for (const address of [path.replaceAll(/:\w+/g, secret), path.replaceAll(/:\w+/g, secret) + query]) {
        const headers = { Authorization: `Bearer ${secret}`, Accept: "application/json" };
        const init = { path: address, method, headers, ...(method !== "GET" && { body }) };
        await send(init, { LOG_SAMPLE: "1" });
        expect(log.of("request").at(-1)).toMatchObject({ route: id });
      }
    }
    expect(log.of("request").length).toBeGreaterThan(50);
    expect(JSON.stringify(log.all()).toLowerCase()).not.toContain(secret.toLowerCase());
  });
});

describe("the log of objects", () => {
  it("tells of an erased set by its class and id, and never by its name", async () => {
    const log = captureLog();
    const set = new TestSet();
    await set.write(add("a", 1));
    await set.erase();
    expect(log.of("erased")).toEqual([
      { level: "info", event: "erased", object: "SetObject", objectId: set.stub.id.toString() },
    ]);
    expect(JSON.stringify(log.all())).not.toContain(set.name);
  });

  it("tells of tombstones that were purged", async () => {
    const log = captureLog();
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: 1 });
    await set.write({ op: "remove", element: "a", timestamp: 1 });
    await scheduler.wait(5);
    await set.purge();
    expect(log.of("purged")).toMatchObject([{ object: "SetObject", tombstones: 1 }]);
  });

  it("tells of an object that wakes, as often as LOG_SAMPLE says", async () => {
    const log = captureLog();
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { stub } = new TestSet();
    await request("GET", `/sets/${stub.name}`);
    vi.restoreAllMocks();
    expect(log.of("woken")).toMatchObject([{ object: "SetObject", objectId: stub.id.toString() }]);
  });
});
