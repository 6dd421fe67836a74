/** The headers that protect, on everything that a browser may be brought to show. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { handle } from "../../src/worker/serve.ts";
import { request } from "./support/request.ts";
import { sampleRequest } from "./support/sample-requests.ts";

const rows = Object.entries<Endpoint>(endpoints).map(([id, endpoint]) => ({ id, endpoint }));

/** Numbers and nothing else, which are nothing whatever they are taken for. */
const PLAIN = "text/plain;charset=UTF-8";

it.each(rows)("$id is taken for nothing but what it says it is", async ({ id, endpoint }) => {
  const { path, body } = sampleRequest(id, endpoint);
  for (const mode of ["open", "token"]) {
    const headers = { Accept: endpoint.live === true ? "text/event-stream" : "*/*" };
    const init = { method: endpoint.method, headers, ...(body !== undefined && { body }) };
    const settings = { ...env, AUTH_MODE: mode };
    const response = await handle(new Request(`http://weir${path}`, init), settings, createExecutionContext());
    const type = response.headers.get("Content-Type");
    const says = type === null || type === PLAIN ? "nothing" : response.headers.get("X-Content-Type-Options");
    expect([mode, type, says]).toEqual([mode, type, type === null || type === PLAIN ? "nothing" : "nosniff"]);
    if (type === PLAIN) expect(await response.text()).toMatch(/^[a-z_,\n0-9T:.Z-]*$/);
    else await response.body?.cancel();
  }
});

it("lines of members are what they say too", async () => {
  const response = await request("GET", "/sets/headers", { headers: { Accept: "application/x-ndjson" } });
  expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  await response.text();
});

it("the page runs its own script only, is shown in no frame, and tells nobody where it was", async () => {
  const { headers } = await request("GET", "/");
  const policy = Object.fromEntries(
    (headers.get("Content-Security-Policy") ?? "").split("; ").map((part) => {
      const [name = "", ...sources] = part.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  expect(policy).toEqual({
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  });
  expect(headers.get("Referrer-Policy")).toBe("no-referrer");
  expect(headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
  for (const file of ["app.js", "app.css"]) {
    const { headers: of } = await request("GET", `/viewer/${file}`);
    expect([of.get("Referrer-Policy"), of.get("X-Content-Type-Options")]).toEqual(["no-referrer", "nosniff"]);
  }
});
