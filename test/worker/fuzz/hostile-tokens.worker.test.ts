/**
 * Hostile tokens on every endpoint of the table, in every form in which it is called, wherever a token may stand and where it
 * may not. A separate oracle says what must become of each; whoever is refused has reached no object.
 */
import * as fc from "fast-check";
import { createExecutionContext } from "cloudflare:test";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import { scopeText } from "../../../src/protocol/scopes.ts";
import { match } from "../../../src/worker/router.ts";
import { handle } from "../../../src/worker/serve.ts";
import { LiveSocket } from "../support/live-socket.ts";
import { exactScopes, namesOf, sampleRequest } from "../support/sample-requests.ts";
import { OTHER_SECRET, SECRET } from "../support/tokens.ts";
import { takeReached, watchedEnv } from "../support/watched-env.ts";
import { expectFairRefusal } from "./fair-answer.ts";
import { explore, FUZZ_TIMEOUT_MS, fuzzSeed, isSoak } from "./fuzz-budget.ts";
import { requestsTo } from "./fuzzed-requests.ts";
import type { FuzzedRequest } from "./fuzzed-requests.ts";
import { AUDIENCE, bake, ISSUER, tokensAt } from "./fuzzed-tokens.ts";
import type { TokenRecipe } from "./fuzzed-tokens.ts";
import { countedScope, covers, statusFor } from "./token-oracle.ts";
import { formsOf, isSendable, placesFor } from "./token-places.ts";
import type { Form, Place } from "./token-places.ts";

const RUNS = 30;
/** Of which there are several forms, and writes. */
const LIVE_RUNS = 60;
const REQUEST_RUNS = 12;

const env = {
  ...watchedEnv,
  AUTH_MODE: "token",
  AUTH_SECRET: SECRET,
  AUTH_SECRET_PREVIOUS: OTHER_SECRET,
  AUTH_ISSUER: ISSUER,
  AUTH_AUDIENCE: AUDIENCE,
};
const NOW_S = Math.floor(Date.now() / 1_000);
const faults = vi.spyOn(console, "error").mockImplementation(() => {});
const outcomes = new Map<string, number>();

afterAll(() => {
  const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  const table = [...outcomes].map(([outcome, count]) => `${outcome}: ${count}`);
  // oxlint-disable-next-line no-console -- what a soak is for
  if (isSoak) console.info(`${total} tokens from seed ${fuzzSeed()}; ${table.join(", ")}`);
});

function note(outcome: string | number): void {
  outcomes.set(String(outcome), (outcomes.get(String(outcome)) ?? 0) + 1);
}

/** What a refusal challenges its caller with. */
function challengeFor(status: 401 | 403, hasToken: boolean): string | null {
  if (status === 403) return null;
  return hasToken ? 'Bearer error="invalid_token"' : "Bearer";
}

interface Attempt {
  readonly recipe: TokenRecipe;
  readonly form: Form;
  readonly place: Place;
}

async function tryToken(id: string, endpoint: Endpoint, { recipe, form, place }: Attempt): Promise<void> {
  faults.mockClear();
  takeReached();
  const token = await bake(recipe);
  const headers = { ...formHeaders(form), ...place.headers(token) };
  if (!isSendable(headers)) return;
  const sample = sampleRequest(id, endpoint);
  const more = place.search?.(encodeURIComponent(token));
  const path = more === undefined ? sample.path : `${sample.path}${sample.path.includes("?") ? "&" : "?"}${more}`;
  const method = form === "head" ? "HEAD" : endpoint.method;
  const init = { method, headers, ...(sample.body !== undefined && { body: sample.body }) };
  const response = await handle(new Request(`http://weir${path}`, init), env, createExecutionContext());
  const scope = place.isRight ? countedScope(recipe, token.length, NOW_S) : undefined;
  const expected = statusFor(endpoint, scope);
  note(expected);
  if (expected === "served") await expectServed(id, endpoint, response, scope ?? "");
  else {
    expect([response.status, response.headers.get("WWW-Authenticate"), takeReached()]).toEqual([
      expected,
      challengeFor(expected, place.isRight),
      [],
    ]);
    expectFairRefusal(response, await response.text(), path.startsWith("/api/"), form !== "head");
  }
  expect(faults.mock.calls.flat()).toEqual([]);
}

function formHeaders(form: Form): Readonly<Record<string, string>> {
  if (form === "socket") return { Upgrade: "websocket" };
  return form === "events" ? { Accept: "text/event-stream" } : {};
}

/** Whatever it is, it is no matter of access. */
async function expectServed(id: string, endpoint: Endpoint, response: Response, scope: string): Promise<void> {
  const { status, webSocket } = response;
  expect([401, 403]).not.toContain(status);
  expect(status === 503 || status < 500).toBe(true);
  if (webSocket === null) {
    await response.body?.cancel();
    return;
  }
  const socket = new LiveSocket(webSocket);
  const body = EMPTY_WRITES[id];
  if (body !== undefined) await expectWriteRight(socket, body, endpoint, scope);
  await socket.close();
}

/** By the endpoint's id: what a viewer may write, and be none the wiser. */
const EMPTY_WRITES: Readonly<Record<string, object>> = {
  setLive: { ops: [] },
  itemsLive: { ids: [] },
  analyticsLive: { events: [] },
  streamUserLive: {},
};

async function expectWriteRight(socket: LiveSocket, body: object, endpoint: Endpoint, scope: string): Promise<void> {
  const { access } = endpoint;
  if (access.kind !== "scope") throw new Error("a viewer of what has no name");
  const mayWrite = covers(scope, access.feature, "write", namesOf(endpoint, "write"));
  socket.send({ type: "write", id: "w", ...body });
  for (;;) {
    const frame = await socket.next();
    if (frame.id !== "w") continue;
    expect(frame.code === "forbidden").toBe(!mayWrite);
    return note(mayWrite ? "written" : "not written");
  }
}

/** Whatever else is wrong with a request, who has no right to it is told that and nothing else. */
async function tryRequest({ method, path, headers, body }: FuzzedRequest, recipe: TokenRecipe): Promise<void> {
  faults.mockClear();
  takeReached();
  const token = await bake(recipe);
  const { Origin: _, "Sec-WebSocket-Protocol": __, ...others } = headers;
  const sent = { ...others, Authorization: `Bearer ${token}` };
  if (!isSendable(sent)) return;
  const request = new Request(`http://weir${path}`, { method, headers: sent, ...(body !== undefined && { body }) });
  const endpoint = (await match(request.url))?.route.endpoint(request.method)?.endpoint;
  const response = await handle(request, env, createExecutionContext());
  const counts = countedScope(recipe, token.length, NOW_S) !== undefined;
  if (endpoint === undefined) expect([204, 404, 405]).toContain(response.status);
  else if (endpoint.access.kind !== "public") expect(response.status).toBe(counts ? 403 : 401);
  note(response.status);
  expect(takeReached()).toEqual([]);
  await response.body?.cancel();
  expect(faults.mock.calls.flat()).toEqual([]);
}

/** Tokens that open nothing: most don't count, and those that do are for nothing. */
const useless = tokensAt(NOW_S).map((recipe) => {
  const { payload } = recipe;
  return typeof payload === "string" ? { ...recipe, payload: payload.replaceAll('"scope":', '"scopes":') } : recipe;
});

const table = Object.entries<Endpoint>(endpoints);

/** Those that it needs, and for a viewer the one to write. */
function ownScopes(endpoint: Endpoint): readonly string[] {
  const { access } = endpoint;
  if (access.kind !== "scope") return [];
  const writes = endpoint.live === true ? [scopeText(access.feature, "write", namesOf(endpoint, "write"))] : [];
  return [...exactScopes(endpoint), ...writes];
}

describe.each(table)("[K7] %s", (id, endpoint) => {
  const share = 0.5 / table.length;
  const tokens = tokensAt(NOW_S, ownScopes(endpoint));

  it("judges any token, wherever it stands, as the access table says", { timeout: FUZZ_TIMEOUT_MS }, async () => {
    const attempts = fc
      .constantFrom(...formsOf(endpoint))
      .chain((form) => fc.record({ recipe: tokens, form: fc.constant(form), place: placesFor(form) }));
    await explore(
      fc.asyncProperty(attempts, (attempt) => tryToken(id, endpoint, attempt)),
      endpoint.live === true ? LIVE_RUNS : RUNS,
      share,
    );
  });

  it("[K6] refuses any request with a token that opens nothing", { timeout: FUZZ_TIMEOUT_MS }, async () => {
    await explore(
      fc.asyncProperty(requestsTo(endpoint), useless, (request, recipe) => tryRequest(request, recipe)),
      REQUEST_RUNS,
      share,
    );
  });
});

it("[K7] met whatever can become of a token", () => {
  for (const outcome of ["served", "401", "403", "written", "not written"]) {
    expect([outcome, (outcomes.get(outcome) ?? 0) > 5]).toEqual([outcome, true]);
  }
});
