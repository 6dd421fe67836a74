/**
 * Every endpoint of the table, in every form that it is called in, with every kind of token that is not enough, and some
 * that are. Made from the table, so a new route is in here by itself, or fails for want of a sample request.
 */
import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import { scopeText } from "../../../src/protocol/scopes.ts";
import { handle } from "../../../src/worker/serve.ts";
import { badTokens, mint, SECRET } from "../support/tokens.ts";
import { takeReached, watchedEnv } from "../support/watched-env.ts";
import { actionsOf, exactScopes, namesOf, sampleRequest, SHORTER_NAME } from "../support/sample-requests.ts";
import type { Sample } from "../support/sample-requests.ts";

const ALL_SCOPES = [
  "sets:read sets:write items:read items:write analytics:read analytics:write",
  "streams:source streams:read streams:follow streams:write",
].flatMap((line) => line.split(" "));

const UNRELATED_REFUSALS = ["404", "409"];

type Form = "http" | "head" | "socket" | "subprotocol" | "events";

function formsOf({ method, live, answers }: Endpoint): readonly Form[] {
  if (live !== true) return method === "GET" ? ["http", "head"] : ["http"];
  return 200 in answers ? ["socket", "subprotocol", "events"] : ["socket", "subprotocol"];
}

const env = { ...watchedEnv, AUTH_MODE: "token", AUTH_SECRET: SECRET };

interface Outcome {
  readonly status: number;
  readonly challenge: string | null;
  /** Objects. */
  readonly reached: readonly string[];
}

async function call({ path, body }: Sample, { method }: Endpoint, form: Form, token?: string): Promise<Outcome> {
  const headers = new Headers();
  if (form === "socket" || form === "subprotocol") headers.set("Upgrade", "websocket");
  if (form === "events") headers.set("Accept", "text/event-stream");
  if (form === "subprotocol") {
    headers.set("Sec-WebSocket-Protocol", token === undefined ? "weir" : `weir, bearer.${token}`);
  } else if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  const init = { method: form === "head" ? "HEAD" : method, headers, ...(body !== undefined && { body }) };
  const response = await handle(new Request(`http://weir${path}`, init), env, createExecutionContext());
  const { status, webSocket } = response;
  if (webSocket !== null) {
    expect(response.headers.get("Sec-WebSocket-Protocol")).toBe(form === "socket" ? null : "weir");
    webSocket.accept();
    webSocket.close(1000);
  }
  await response.body?.cancel();
  return { status, challenge: response.headers.get("WWW-Authenticate"), reached: takeReached() };
}

/** Scopes that are not enough, by what is missing. */
function poorScopes(endpoint: Endpoint): Readonly<Record<string, string>> {
  const needed = actionsOf(endpoint);
  if (needed.length === 0) return { none: "", "all but the admin's": ALL_SCOPES.join(" "), misspelt: "Admin admin:x" };
  const others = (name: string): string =>
    needed.map(([feature, action]) => scopeText(feature, action, namesOf(endpoint, action, name))).join(" ");
  const poor: Record<string, string> = {
    none: "",
    "another name": others("elsewhere"),
    "how the name begins": others(SHORTER_NAME),
  };
  for (const [feature, action] of needed) {
    // Who may read a stream may follow its users.
    const covering = action === "follow" ? ["follow", "read"] : [action];
    const rest = ALL_SCOPES.filter((scope) => !covering.some((each) => scope === `${feature}:${each}`));
    poor[`all but ${action}`] = rest.join(" ");
    if (action !== "follow") continue;
    poor["another user"] = scopeText(feature, action, namesOf(endpoint, action, undefined, "u"));
  }
  return poor;
}

function enoughScopes(endpoint: Endpoint): Readonly<Record<string, string>> {
  const needed = actionsOf(endpoint);
  if (needed.length === 0) return { "the admin's": "admin" };
  return {
    exact: exactScopes(endpoint).join(" "),
    "by a star": exactScopes(endpoint)
      .map((scope) => `${scope.slice(0, -3)}*`)
      .join(" "),
    "for every name": needed.map(([feature, action]) => `${feature}:${action}`).join(" "),
    "the admin's": "admin",
  };
}

const rows = Object.entries<Endpoint>(endpoints).flatMap(([id, endpoint]) => {
  return formsOf(endpoint).map((form) => ({ id, form, endpoint }));
});
const closedRows = rows.filter(({ endpoint }) => endpoint.access.kind !== "public");
const openRows = rows.filter(({ endpoint }) => endpoint.access.kind === "public");

describe.each(closedRows)("[K7] $id by $form", ({ id, form, endpoint }) => {
  const sample = sampleRequest(id, endpoint);

  it("refuses without a token, and reaches no object", async () => {
    expect(await call(sample, endpoint, form)).toEqual({ status: 401, challenge: "Bearer", reached: [] });
  });

  it("refuses a token that doesn't count, whatever it says", async () => {
    for (const [what, token] of Object.entries(await badTokens("admin"))) {
      const refused = { status: 401, challenge: 'Bearer error="invalid_token"', reached: [] };
      expect([what, await call(sample, endpoint, form, token)]).toEqual([what, refused]);
    }
  });

  it("refuses a token whose scopes don't cover it, and reaches no object", async () => {
    for (const [what, scope] of Object.entries(poorScopes(endpoint))) {
      const refused = { status: 403, challenge: null, reached: [] };
      expect([what, scope, await call(sample, endpoint, form, await mint({ scope }))]).toEqual([what, scope, refused]);
    }
  });

  it("answers a token whose scopes cover it", async () => {
    const isSocket = form === "socket" || form === "subprotocol";
    // Whether there is something to export, a bucket, or data in the way of an import is not a matter of access.
    const answers = isSocket ? ["101"] : [...Object.keys(endpoint.answers), ...UNRELATED_REFUSALS];
    for (const [what, scope] of Object.entries(enoughScopes(endpoint))) {
      const { status } = await call(sample, endpoint, form, await mint({ scope }));
      expect([what, answers.includes(String(status)), status]).toEqual([what, true, status]);
    }
  });

  it("[K6] refuses before it looks at what was sent", async () => {
    const path = `${sample.path.replace(/\?.*/, "")}?since=nonsense&timestamp=never&limit=-1`;
    const odd: Sample = endpoint.body === undefined ? { path } : { path, body: "}{" };
    expect(await call(odd, endpoint, form)).toMatchObject({ status: 401, reached: [] });
    const token = await mint({ scope: "" });
    expect(await call(odd, endpoint, form, token)).toMatchObject({ status: 403, reached: [] });
  });
});

describe.each(openRows)("[K7] $id by $form", ({ id, form, endpoint }) => {
  it("answers everyone, and reaches no object", async () => {
    for (const token of [undefined, "guess", await mint({ scope: "admin" })]) {
      const answered = await call(sampleRequest(id, endpoint), endpoint, form, token);
      expect(answered).toEqual({ status: 200, challenge: null, reached: [] });
    }
  });
});

it("[K7] walks the whole table", () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(Object.keys(endpoints).length);
  expect(closedRows.length).toBeGreaterThan(openRows.length);
});
