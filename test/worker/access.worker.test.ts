import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { endpoints } from "../../src/protocol/endpoints.ts";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { handle } from "../../src/worker/serve.ts";
import { TestSet } from "./support/test-set.ts";

const set = new TestSet();

async function statusOf(method: string, path: string, mode: string | undefined): Promise<number> {
  const { AUTH_MODE: _, ...closed } = env;
  const request = new Request(`http://weir${path}`, {
    method,
    headers: { Upgrade: "websocket", Authorization: "Bearer guess" },
    ...(method === "POST" && { body: '{"ops":[{"op":"add","element":"a"}]}' }),
  });
  const settings = mode === undefined ? closed : { ...closed, AUTH_MODE: mode };
  const response = await handle(request, settings, createExecutionContext());
  expect(response.headers.get("WWW-Authenticate")).toBe(response.status === 401 ? "Bearer" : null);
  return response.status;
}

describe("access", () => {
  const modes = ["token", "", "Open", " open", "none", undefined];

  it.each(modes)("refuses every request with AUTH_MODE %j", async (mode) => {
    for (const { method, path } of Object.values<Endpoint>(endpoints)) {
      const concrete = path.replace(":set", set.name).replace(":element", "x").replace(":file", "app.js");
      expect([concrete, await statusOf(method, concrete, mode)]).toEqual([concrete, 401]);
    }
    expect(await set.tables()).toEqual([]);
  });

  it("refuses before it looks at what was sent", async () => {
    expect(await statusOf("PUT", "/sets/%FF", "token")).toBe(401);
    expect(await statusOf("GET", `${set.path}?limit=0`, "token")).toBe(401);
  });
});
