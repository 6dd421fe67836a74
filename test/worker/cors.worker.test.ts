import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { handle } from "../../src/worker/serve.ts";
import type { Env } from "../../src/worker/env.ts";
import { openSocket } from "./support/live-socket.ts";
import { expectProblem } from "./support/problems.ts";
import { sampleRequest } from "./support/sample-requests.ts";
import { add, TestSet } from "./support/test-set.ts";
import { SECRET } from "./support/tokens.ts";
import { takeReached, watchedEnv } from "./support/watched-env.ts";

const PAGE = "https://page.example";

/** What a browser gets to know: the allowed origin for a call with `method` from {@link PAGE}. */
async function allowedOrigin(method: string, settings: Partial<Env> = {}, preflight = false): Promise<string | null> {
  const path = method === "GET" || method === "HEAD" ? "/sets/cors" : "/sets/cors/elements/x";
  const headers: Record<string, string> = { Origin: PAGE };
  if (preflight) headers["Access-Control-Request-Method"] = method;
  const request = new Request(`http://weir${path}`, { method: preflight ? "OPTIONS" : method, headers });
  const response = await handle(request, { ...env, ...settings }, createExecutionContext());
  expect(response.headers.get("Vary")).toContain("Origin");
  expect(response.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  await response.text();
  return response.headers.get("Access-Control-Allow-Origin");
}

describe("cross-origin calls", () => {
  it("lets any origin read while the server is open", async () => {
    expect(await allowedOrigin("GET")).toBe("*");
    expect(await allowedOrigin("HEAD")).toBe("*");
    expect(await allowedOrigin("GET", {}, true)).toBe("*");
  });

  it.each(["PUT", "DELETE"])("lets no unknown origin %s", async (method) => {
    expect(await allowedOrigin(method)).toBeNull();
    expect(await allowedOrigin(method, {}, true)).toBeNull();
  });

  it("lets the origins in CORS_ORIGINS read and write", async () => {
    const settings = { CORS_ORIGINS: `https://other.example, ${PAGE}` };
    expect(await allowedOrigin("PUT", settings)).toBe(PAGE);
    expect(await allowedOrigin("PUT", settings, true)).toBe(PAGE);
    expect(await allowedOrigin("GET", settings)).toBe(PAGE);
  });

  it("lets any origin write with CORS_ORIGINS=*", async () => {
    expect(await allowedOrigin("DELETE", { CORS_ORIGINS: "*" }, true)).toBe("*");
  });

  it("lets no origin read a server that is not open", async () => {
    expect(await allowedOrigin("GET", { AUTH_MODE: "token" })).toBeNull();
    expect(await allowedOrigin("GET", { AUTH_MODE: "token", CORS_ORIGINS: "https://other.example" })).toBeNull();
  });

  it("doesn't take a part of an origin for the origin", async () => {
    expect(await allowedOrigin("PUT", { CORS_ORIGINS: "https://page.example.org" })).toBeNull();
    expect(await allowedOrigin("PUT", { CORS_ORIGINS: "" })).toBeNull();
  });
});

describe("cross-origin calls with a token", () => {
  const settings = { AUTH_MODE: "token", AUTH_SECRET: SECRET, CORS_ORIGINS: PAGE };

  async function ask(origin: string, method: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const request = new Request("http://weir/sets/cors", { method, headers: { Origin: origin, ...headers } });
    return handle(request, { ...env, ...settings }, createExecutionContext());
  }

  it("are for configured origins alone, which may send the header", async () => {
    const preflight = { "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization" };
    const allowed = await ask(PAGE, "OPTIONS", preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("Access-Control-Allow-Origin")).toBe(PAGE);
    expect(allowed.headers.get("Access-Control-Allow-Headers")?.split(", ")).toContain("Authorization");
    expect(allowed.headers.get("Access-Control-Allow-Credentials")).toBeNull();
    const refused = await ask("https://other.example", "OPTIONS", preflight);
    expect(refused.headers.get("Access-Control-Allow-Origin")).toBeNull();
  });

  it("see what they are refused for, and when to come again", async () => {
    const refused = await ask(PAGE, "GET", {});
    expect(refused.status).toBe(401);
    expect(refused.headers.get("Access-Control-Allow-Origin")).toBe(PAGE);
    expect(refused.headers.get("Access-Control-Expose-Headers")).toBe(
      "Retry-After, Server-Timing, WWW-Authenticate, X-Request-Id",
    );
    await refused.text();
    const hidden = await ask("https://other.example", "GET", {});
    expect(hidden.headers.get("Access-Control-Expose-Headers")).toBeNull();
    await hidden.text();
  });
});

describe("a page of another origin, in front of an open server", () => {
  const rows = Object.entries<Endpoint>(endpoints).flatMap(([id, endpoint]) => {
    const { access, method, live } = endpoint;
    const reads = access.kind !== "scope" || access.action === "read" || access.action === "follow";
    return [{ id, endpoint, isSocket: live === true, mayCall: method === "GET" && reads }];
  });

  it.each(rows)("may call $id only if that reads: $mayCall", async ({ id, endpoint, isSocket, mayCall }) => {
    const { path, body } = sampleRequest(id, endpoint);
    const headers = { Origin: PAGE, ...(isSocket && { Upgrade: "websocket" }) };
    const init = { method: endpoint.method, headers, ...(body !== undefined && { body }) };
    takeReached();
    const response = await handle(new Request(`http://weir${path}`, init), watchedEnv, createExecutionContext());
    expect(response.status === 403).toBe(!mayCall);
    if (!mayCall) expect(takeReached()).toEqual([]);
    response.webSocket?.accept();
    response.webSocket?.close(1000);
    await response.body?.cancel();
  });
});

describe("writes that a page makes its visitor's browser send", () => {
  const write = async (origin: string | undefined, settings: Partial<Env> = {}): Promise<Response> => {
    const headers = origin === undefined ? {} : { Origin: origin };
    const body = JSON.stringify({ ops: [] });
    const request = new Request("http://weir/sets/cors/ops", { method: "POST", headers, body });
    return handle(request, { ...env, ...settings }, createExecutionContext());
  };

  it("are refused before anything is read of them", async () => {
    await expectProblem(write(PAGE), "forbidden");
    await expectProblem(write("null"), "forbidden");
    await expectProblem(write("http://weir.example"), "forbidden");
  });

  it("are taken from the server's own page, from configured origins and from programs", async () => {
    for (const response of [
      await write("http://weir"),
      await write(PAGE, { CORS_ORIGINS: PAGE }),
      await write(PAGE, { CORS_ORIGINS: "*" }),
      await write(undefined),
    ]) {
      expect(response.status).toBe(200);
      await response.text();
    }
  });

  it.each([{}, { "Weir-Viewer": "writes" }])("are refused on a live connection, which may read: %j", async (more) => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`, { Origin: PAGE, ...more });
    await viewer.next("changes");
    viewer.send({ type: "write", id: 1, ops: [add("a", 1)] });
    expect(await viewer.next()).toMatchObject({ type: "error", id: 1, code: "forbidden" });
    await set.write(add("b", 1));
    expect(await viewer.next("changes")).toMatchObject({ changes: [add("b", 1)] });
    await viewer.close();
  });

  it("stay refused when the object was evicted meanwhile", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`, { Origin: PAGE });
    await viewer.next("changes");
    await set.evict();
    viewer.send({ type: "write", id: 1, ops: [add("a", 1)] });
    expect(await viewer.next()).toMatchObject({ type: "error", id: 1, code: "forbidden" });
    await viewer.close();
  });
});
