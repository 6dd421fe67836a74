/** What may be done on a connection, by the access that its endpoint names. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Access, Endpoint } from "../../../src/protocol/endpoint.ts";
import { Grant } from "../../../src/protocol/scopes.ts";
import { liveRights } from "../../../src/worker/access/access.ts";

function mayWrite(access: Access, scope: string, origin?: string): boolean {
  const endpoint: Endpoint = { method: "GET", path: "/x/:stream/live", summary: "", access, live: true, answers: {} };
  const caller = { grant: new Grant(scope), expiresMs: 1_234, key: undefined };
  const request = new Request("http://weir/x/s/live", { headers: origin === undefined ? {} : { Origin: origin } });
  const rights = liveRights(caller, request, env, endpoint, { stream: "s", set: "s", user: "u" }, {});
  expect(rights.expiresMs).toBe(1_234);
  return rights.mayWrite;
}

const reads: Access = { kind: "scope", feature: "sets", action: "read" };
const follows: Access = { kind: "scope", feature: "streams", action: "follow" };

it("[K6] a viewer writes with the scope to write what it views", () => {
  expect(mayWrite(reads, "sets:read")).toBe(false);
  expect(mayWrite(reads, "sets:read sets:write:other")).toBe(false);
  expect(mayWrite(reads, "sets:read sets:write:s")).toBe(true);
  expect(mayWrite(follows, "streams:follow:s/u")).toBe(false);
  expect(mayWrite({ kind: "public" }, "admin")).toBe(false);
});

it("no scope makes up for a page of another origin", () => {
  expect(mayWrite(reads, "admin", "http://weir")).toBe(true);
  expect(mayWrite(reads, "admin", "https://page.example")).toBe(false);
});
