/** Why a live route refuses: what is asked for, and what is made of the answers. */
import { expect, test } from "vitest";
import { ApiCaller } from "../../src/client/api-caller.ts";
import { TokenSource } from "../../src/client/token-source.ts";
import type { TokenOption } from "../../src/client/token-source.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

type Answer = (signal: AbortSignal | null) => Response | Promise<Response>;

/** Asks a server that answers so, one request after the other. */
function asking(answers: readonly Answer[], token: TokenOption = "t0k") {
  const asked: string[] = [];
  const caller = new ApiCaller({
    url: new URL("http://weir.test"),
    tokens: new TokenSource(token, () => 0),
    runtime: new FakeRuntime(),
    fetch: async (_, { method, headers, signal } = {}) => {
      const { Accept, Authorization } = headers as Readonly<Record<string, string>>;
      expect(Accept).toBe("text/event-stream");
      const answer = answers[asked.push(`${method} ${Authorization}`) - 1]!;
      return answer(signal ?? null);
    },
  });
  const call = { params: { set: "s" }, query: {} };
  return { asked, find: (signal?: AbortSignal) => caller.findRefusal("setLive", { ...call, signal }) };
}

const status = (code: number, body: string | null = null) => new Response(body, { status: code });
const gone = () => {
  const words = { type: "urn:x", title: "offset gone", status: 410, code: "offset_gone", detail: "Begin anew." };
  return status(410, JSON.stringify(words));
};

test("one that refuses says why, which not all that are on the way can", async () => {
  const { find, asked } = asking([gone]);
  expect(await find()).toMatchObject({ code: "offset_gone", detail: "Begin anew." });
  expect(asked).toEqual(["GET Bearer t0k"]);
  expect(await asking([() => status(503)]).find()).toMatchObject({ code: "overloaded", status: 503 });
  expect(await asking([() => status(403, "<html>")]).find()).toMatchObject({ code: "internal", status: 403 });
});

test("one that lets in is hung up on", async () => {
  let isCancelled = false;
  const events = new ReadableStream({ cancel: () => void (isCancelled = true) });
  expect(await asking([() => new Response(events)]).find()).toBeUndefined();
  expect(isCancelled).toBe(true);
});

test("a token that is refused is renewed first", async () => {
  const tokens = ["old", "new"];
  const { find, asked } = asking([() => status(401), () => status(200)], () => tokens.shift());
  expect(await find()).toBeUndefined();
  expect(asked).toEqual(["GET Bearer old", "GET Bearer new"]);
});

test("nobody there is an answer, unless nobody wants to know any more", async () => {
  const { find } = asking([() => Promise.reject(new TypeError("no route"))]);
  expect(await find()).toMatchObject({ code: "network" });
  const stop = new AbortController();
  const endless = asking([
    (signal) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error))),
  ]);
  const found = endless.find(stop.signal);
  await new Promise(setImmediate);
  stop.abort();
  expect(await found).toBeUndefined();
});
