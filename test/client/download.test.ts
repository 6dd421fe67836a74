/** Long answers, chunk by chunk: what comes, and what becomes of those that are refused, break off or fall silent. */
import { expect, test } from "vitest";
import { WeirClient, WeirError } from "../../src/client/index.ts";
import type { TokenOption } from "../../src/client/index.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const CALL = { params: { set: "s" }, query: { cursor: "c" } };
const encoder = new TextEncoder();

/** A server that gives these answers, one after the other. */
function serve(token: TokenOption, ...answers: readonly (() => Response)[]) {
  const runtime = new FakeRuntime();
  const requests: { readonly url: string; readonly headers: Headers }[] = [];
  const signals: AbortSignal[] = [];
  const client = new WeirClient({
    url: "http://weir.test:1",
    token,
    runtime,
    fetch: async (url, init) => {
      signals.push(init!.signal!);
      requests.push({ url: new Request(url).url, headers: new Headers(init?.headers) });
      return answers[requests.length - 1]!();
    },
  });
  return { runtime, requests, signals, client };
}

/** An answer of chunks, that then ends, breaks off, or falls silent until it is hung up on. */
function answerOf(chunks: readonly string[], then: "ends" | "breaks" | "waits", signal?: () => AbortSignal): Response {
  let next = 0;
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks[next++];
        if (chunk !== undefined) return controller.enqueue(encoder.encode(chunk));
        if (then === "ends") return controller.close();
        if (then === "breaks") return controller.error(new TypeError("terminated"));
        signal!().addEventListener("abort", () => controller.error(new TypeError("aborted")));
        return undefined;
      },
    }),
  );
}

async function taken(chunks: AsyncIterable<Uint8Array>): Promise<{ readonly text: string; readonly error: unknown }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    return { text, error: undefined };
  } catch (error) {
    return { text, error };
  }
}

const problem = (status: number, code: string) =>
  Response.json({ type: "urn:x", title: code, status, code, detail: `It is ${code}.` }, { status });

test("an answer comes in chunks, as lines of JSON, and leaves nothing behind", async () => {
  const { client, requests, signals, runtime } = serve("t0k", () => answerOf(["a\nb", "\nc\n"], "ends"));
  expect(await taken(client.download("setExport", CALL))).toEqual({ text: "a\nb\nc\n", error: undefined });
  expect(requests[0]!.url).toBe("http://weir.test:1/sets/s/export?cursor=c");
  expect(requests[0]!.headers.get("Accept")).toBe("application/x-ndjson");
  expect(requests[0]!.headers.get("Authorization")).toBe("Bearer t0k");
  expect([signals[0]!.aborted, runtime.timers]).toEqual([true, 0]);
});

test("a refusal is thrown, and a token that is refused is renewed once", async () => {
  const gone = serve("t0k", () => problem(410, "offset_gone"));
  expect((await taken(gone.client.download("setExport", CALL))).error).toMatchObject({
    code: "offset_gone",
    status: 410,
  });
  let tokens = 0;
  const refused = problem(401, "unauthorized");
  const renewed = serve(
    () => `t${++tokens}`,
    () => refused,
    () => answerOf(["x\n"], "ends"),
  );
  expect(await taken(renewed.client.download("setExport", CALL))).toEqual({ text: "x\n", error: undefined });
  expect(renewed.requests.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer t1", "Bearer t2"]);
  // Nobody waits for the rest of it.
  expect(refused.bodyUsed).toBe(true);
});

test("one that breaks off throws, once what came was given out", async () => {
  const { client, requests } = serve("t0k", () => answerOf(["a\n", "b"], "breaks"));
  const { text, error } = await taken(client.download("setExport", CALL));
  expect(text).toBe("a\nb");
  expect(error).toBeInstanceOf(WeirError);
  expect(error).toMatchObject({ code: "network", status: 0 });
  expect(requests.length).toBe(1);
});

test("one that falls silent for half a minute is hung up on, however long it took before", async () => {
  const { client, runtime, signals } = serve("t0k", () => answerOf(["a\n", "b\n"], "waits", () => signals[0]!));
  const chunks = client.download("setExport", CALL);
  await chunks.next();
  // Whoever takes it may take as long as it likes.
  runtime.pass(3_600_000);
  await chunks.next();
  const last = chunks.next().then(
    () => undefined,
    (error: unknown) => error,
  );
  await new Promise((resolve) => setImmediate(resolve));
  runtime.pass(29_999);
  expect(signals[0]!.aborted).toBe(false);
  runtime.pass(1);
  expect(await last).toMatchObject({ code: "network" });
});

test("who stops taking it hangs up", async () => {
  const { client, signals } = serve("t0k", () => answerOf(["a\n", "b\n"], "waits", () => signals[0]!));
  for await (const chunk of client.download("setExport", CALL)) {
    expect(chunk.length).toBe(2);
    break;
  }
  expect(signals[0]!.aborted).toBe(true);
});

test("lines are sent as they are, in place of a body", async () => {
  let sent: RequestInit | undefined;
  const client = new WeirClient({
    url: "http://weir.test:1",
    fetch: (_, init) => {
      sent = init;
      return Promise.resolve(Response.json({ taken: 1, identical: null }));
    },
  });
  const lines = encoder.encode('{"weir":"export"}\n');
  expect(await client.call("setImport", { params: { set: "s" }, query: { from: 0 }, lines })).toMatchObject({
    taken: 1,
  });
  expect(sent!.body).toBe(lines);
  expect(new Headers(sent!.headers).get("Content-Type")).toBe("application/x-ndjson");
});
