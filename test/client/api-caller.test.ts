/** Calls over HTTP: what is sent, what is tried again and when, and what a refusal becomes. */
import { toJsonSchema } from "@valibot/to-json-schema";
import { expect, test } from "vitest";
import { RETRIES_MAX } from "../../src/client/api-caller.ts";
import { WeirClient, WeirError } from "../../src/client/index.ts";
import type { TokenOption } from "../../src/client/index.ts";
import type { AnalyticsEventInput } from "../../src/protocol/analytics.ts";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const OK = { offset: "e:1", size: 1, digest: "00000000000000ff", verdicts: ["applied"] };
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ type: "urn:x", title: code, status, code, detail: `It is ${code}.` }, { status, headers });

type Answer = () => Response;

/** A server that gives these answers, one after the other, and the last for ever. */
function serve(...answers: readonly Answer[]) {
  return serveWith(() => "t0k", ...answers);
}

function serveWith(token: TokenOption, ...answers: readonly Answer[]) {
  const runtime = new FakeRuntime();
  const requests: {
    readonly method: string;
    readonly url: string;
    readonly headers: Headers;
    readonly body: unknown;
  }[] = [];
  const client = new WeirClient({
    url: "http://weir.test:1/ignored",
    token,
    runtime,
    fetch: (url, init) => {
      const { method = "", headers, body } = init ?? {};
      const json: unknown = typeof body === "string" ? JSON.parse(body) : undefined;
      requests.push({ method, url: new Request(url).url, headers: new Headers(headers), body: json });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      return Promise.resolve().then(answer);
    },
  });
  return { runtime, requests, client };
}

/** Lets promises settle, and whatever waits for time have it. */
async function settle<T>(runtime: FakeRuntime, promise: Promise<T>, stepMs = 60_000): Promise<T> {
  promise.catch(() => {});
  for (let turn = 0; turn < 50; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (runtime.timers > 0) runtime.pass(stepMs);
  }
  return promise;
}

const refusedWith = async (promise: Promise<unknown>): Promise<WeirError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WeirError);
  return error as WeirError;
};

test("the path, the query, the body and the token are where the table says", async () => {
  const { requests, client } = serve(() => Response.json(OK));
  await client.call("setElementAdd", { params: { set: "a/b ü", element: "%2e?#" }, query: { timestamp: 5 } });
  await client.set("s").apply([{ op: "add", element: "x", timestamp: 7 }]);
  const [first, second] = requests;
  expect(first).toMatchObject({
    method: "PUT",
    url: "http://weir.test:1/sets/a%2Fb%20%C3%BC/elements/%252e%3F%23?timestamp=5",
    body: undefined,
  });
  expect(first!.headers.get("Authorization")).toBe("Bearer t0k");
  expect(second).toMatchObject({ method: "POST", body: { ops: [{ op: "add", element: "x", timestamp: 7 }] } });
});

test("a route without an answer gives nothing", async () => {
  const { client } = serve(() => new Response(null, { status: 204 }));
  expect(await client.set("s").erase()).toBeUndefined();
});

test.each([
  ["rate_limited", () => problem(429, "rate_limited")],
  ["overloaded", () => problem(503, "overloaded")],
  ["overloaded", () => new Response("<html>", { status: 502 })],
  [
    "network",
    () => {
      throw new TypeError("no route");
    },
  ],
] as [string, Answer][])("%s is tried again, at most three times", async (code, fail) => {
  const { runtime, requests, client } = serve(fail, fail, () => Response.json(OK));
  expect((await settle(runtime, client.set("s").add("x"))).size).toBe(1);
  expect(requests).toHaveLength(3);

  const hopeless = serve(fail);
  const error = await refusedWith(settle(hopeless.runtime, hopeless.client.set("s").add("x")));
  expect(error.code).toBe(code);
  expect(hopeless.requests).toHaveLength(1 + RETRIES_MAX);
});

test("what is tried again is the same operation", async () => {
  const { runtime, requests, client } = serve(
    () => problem(503, "overloaded"),
    () => Response.json(OK),
  );
  await settle(runtime, client.set("s").add("x"));
  expect(requests[1]!.body).toEqual(requests[0]!.body);
  expect(requests[0]!.body).toEqual({ ops: [{ op: "add", element: "x", timestamp: 1_000_000 }] });
});

test("what the server would stamp anew is not tried again", async () => {
  const unstamped = [
    (client: WeirClient) =>
      client.call("setOps", { params: { set: "s" }, body: { ops: [{ op: "add", element: "x" }] } }),
    (client: WeirClient) => client.call("setElementAdd", { params: { set: "s", element: "x" } }),
    (client: WeirClient) => client.call("setElementRemove", { params: { set: "s", element: "x" }, query: {} }),
  ];
  for (const call of unstamped) {
    const { runtime, requests, client } = serve(() => problem(503, "overloaded"));
    expect((await refusedWith(settle(runtime, call(client)))).code).toBe("overloaded");
    expect(requests).toHaveLength(1);
  }
});

test("an event is tried again only if its id makes a repetition the same event", async () => {
  const event = { timestamp: 5, user: "u", event: "click" } as const;
  const record = (client: WeirClient, events: readonly AnalyticsEventInput[]) =>
    client.call("analyticsEvents", { params: {}, body: [...events] });
  const identified = { ...event, id: "i" };
  for (const [events, requests] of [
    [[identified, identified], 1 + RETRIES_MAX],
    [[identified, event], 1],
    [[], 1 + RETRIES_MAX],
  ] as const) {
    const served = serve(() => problem(503, "overloaded"));
    await refusedWith(settle(served.runtime, record(served.client, events)));
    expect(served.requests).toHaveLength(requests);
  }
});

test("each call that must not be repeated says by a key of its entries when it may be", () => {
  for (const { query, body, repeatableBy } of Object.values<Endpoint>(endpoints)) {
    if (repeatableBy === undefined) continue;
    const keys = JSON.stringify(toJsonSchema((body?.schema ?? query)!, { errorMode: "ignore" }));
    expect(keys).toContain(`"${repeatableBy}":`);
  }
});

test("reads are tried again", async () => {
  const answer = { present: true, timestamp: 3 };
  const { runtime, client } = serve(
    () => problem(503, "overloaded"),
    () => Response.json(answer),
  );
  expect(await settle(runtime, client.set("s").entry("x"))).toEqual(answer);
});

test("waits as long as the server says, unless that is longer than anyone would", async () => {
  const later = serve(
    () => problem(429, "rate_limited", { "Retry-After": "7" }),
    () => Response.json(OK),
  );
  later.runtime.jitter = 0;
  const answer = later.client.set("s").add("x");
  await new Promise((resolve) => setImmediate(resolve));
  later.runtime.pass(6_999);
  expect(later.requests).toHaveLength(1);
  later.runtime.pass(1);
  expect((await answer).size).toBe(1);

  const never = serve(() => problem(503, "overloaded", { "Retry-After": "31" }));
  const error = await refusedWith(settle(never.runtime, never.client.set("s").add("x")));
  expect(error).toMatchObject({ code: "overloaded", status: 503, retryAfterS: 31 });
  expect(never.requests).toHaveLength(1);
});

test("a refusal keeps what the server said", async () => {
  const errors = [{ path: "ops[0].element", message: "must not be empty" }];
  const body = { type: "t", title: "t", status: 400, code: "invalid_request", detail: "Bad.", errors };
  const { requests, client } = serve(() => Response.json(body, { status: 400 }));
  const error = await refusedWith(client.set("s").add(""));
  expect(error).toMatchObject({ code: "invalid_request", status: 400, detail: "Bad.", message: "Bad.", errors });
  expect(requests).toHaveLength(1);
});

test("a call whose token is refused is made once more with a fresh one, whatever it does", async () => {
  const unauthorized = (): Response => problem(401, "unauthorized");
  const ok = (): Response => Response.json(OK);
  const tokens = ["old", "fresh"];
  const { requests, client } = serveWith(async () => tokens.shift(), unauthorized, ok);
  const body = { ops: [{ op: "add", element: "x" }] } as const;
  await client.call("setOps", { params: { set: "s" }, body: { ops: [...body.ops] } });
  expect(requests.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer old", "Bearer fresh"]);
  await client.set("s").add("y");
  expect(requests.at(-1)!.headers.get("Authorization")).toBe("Bearer fresh");

  const refused = serveWith(() => "same", unauthorized);
  expect(await refusedWith(refused.client.set("s").add("x"))).toMatchObject({ code: "unauthorized", status: 401 });
  expect(refused.requests).toHaveLength(1);

  const others = Array.from({ length: 10 }, (_, index) => `t${index}`);
  const hopeless = serveWith(() => others.shift(), unauthorized);
  expect(await refusedWith(hopeless.client.set("s").add("x"))).toMatchObject({ code: "unauthorized" });
  expect(hopeless.requests).toHaveLength(2);

  const forbidden = serveWith(
    () => others.shift(),
    () => problem(403, "forbidden"),
  );
  expect(await refusedWith(forbidden.client.set("s").add("x"))).toMatchObject({ code: "forbidden" });
  expect(forbidden.requests).toHaveLength(1);
});

test("without a token that could be had, nothing is sent", async () => {
  const { runtime, requests, client } = serveWith(
    async () => Promise.reject(new Error("no")),
    () => Response.json(OK),
  );
  expect(await refusedWith(settle(runtime, client.set("s").add("x")))).toMatchObject({ code: "network" });
  expect(requests).toEqual([]);
});

test("an answer that isn't what the contract says is an error, not a value", async () => {
  const { client } = serve(() => Response.json({ ...OK, digest: 7 }));
  expect(await refusedWith(client.set("s").add("x"))).toMatchObject({ code: "internal", status: 200 });
});

test("a call that is called off ends at once, also while it waits", async () => {
  const { client } = serve(() => problem(503, "overloaded"));
  const off = new AbortController();
  const answer = client.set("s").changes({ signal: off.signal });
  await new Promise((resolve) => setImmediate(resolve));
  off.abort(new Error("enough"));
  await expect(answer).rejects.toThrow("enough");
});

test("names that no URL can hold are refused before anything is sent", async () => {
  const { requests, client } = serve(() => Response.json(OK));
  for (const name of [".", ".."]) {
    expect((await refusedWith(client.set(name).add("x"))).errors[0]?.path).toBe("set");
    expect((await refusedWith(client.set("s").entry(name))).errors[0]?.path).toBe("element");
  }
  expect(requests).toEqual([]);
});

test("a text with a lone surrogate is refused, not sent as another", async () => {
  const { requests, client } = serve(() => Response.json(OK));
  const broken = "a\ud800";
  const refusals = [
    ["set", client.set(broken).erase()],
    ["element", client.set("s").has(broken)],
    ["cursor", client.set("s").elements({ cursor: broken })],
  ] as const;
  for (const [path, call] of refusals) {
    const { code, errors } = await refusedWith(call);
    const message = "must be well-formed Unicode, without lone surrogates";
    expect({ code, errors }).toEqual({ code: "invalid_request", errors: [{ path, message }] });
  }
  expect(requests).toEqual([]);
});
