import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { OpsBodySchema } from "../../src/protocol/sets.ts";
import { BodyBudget, bodyBudget, BodyLease } from "../../src/worker/body-budget.ts";
import { readBody } from "../../src/worker/request-body.ts";
import { handle } from "../../src/worker/serve.ts";
import { captureLog } from "./support/logged-lines.ts";
import { expectProblem } from "./support/problems.ts";
import { answer, request } from "./support/request.ts";
import { add, TestSet } from "./support/test-set.ts";
import { TestStream } from "./support/test-stream.ts";

const ndjson = { "Content-Type": "application/x-ndjson" };

/** A body of exactly `bytes` that adds one element. */
function bodyOf(bytes: number): string {
  const body = JSON.stringify({ ops: [add("a", 1)] });
  return body + " ".repeat(bytes - body.length);
}

/** Sends `text` in pieces, so that no Content-Length says how much comes. */
function chunked(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(sent, (sent += 65_537)));
    },
  });
}

/** Tells how the reading of `body` ended. */
function observed(body: ReadableStream<Uint8Array>, tell: (end: string) => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      tell("ended");
      controller.close();
    },
    cancel: () => tell("cancelled"),
  });
}

/** Whether a request was let in for its body, or told to come again. */
async function expectRoom(answered: Promise<Response>, isRoom: boolean): Promise<void> {
  const response = await answered;
  if (isRoom) {
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
    return;
  }
  expect(response.headers.get("Retry-After")).toMatch(/^[1-9]/);
  await expectProblem(response, "overloaded");
}

function ops(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => add(`element ${index}`, 1));
}

describe("request bodies", () => {
  it("take 4 MiB, with and without a Content-Length", async () => {
    const set = new TestSet();
    const body = bodyOf(limits.bodyBytesMax);
    expect(await answer(request("POST", `${set.path}/ops`, { body }))).toMatchObject({ verdicts: ["applied"] });
    const again = await answer(request("POST", `${set.path}/ops`, { body: chunked(body) }));
    expect(again).toMatchObject({ verdicts: ["superseded"] });
  });

  it("are refused from 4 MiB and one byte on, with and without a Content-Length", async () => {
    const set = new TestSet();
    const body = bodyOf(limits.bodyBytesMax + 1);
    await expectProblem(request("POST", `${set.path}/ops`, { body }), "payload_too_large", "body");
    await expectProblem(request("POST", `${set.path}/ops`, { body: chunked(body) }), "payload_too_large", "body");
    expect(await set.tables()).toEqual([]);
  });

  it("are taken to their end when they are refused, so that the client sees why", async () => {
    const { path } = new TestSet();
    const text = bodyOf(3 * limits.bodyBytesMax);
    for (const [status, to, headers] of [
      [413, `${path}/ops`, {}],
      [415, `${path}/ops`, { "Content-Encoding": "gzip" }],
      [405, path, {}],
      [404, "/nowhere", {}],
    ] as const) {
      const taken = Promise.withResolvers<string>();
      const response = await request("POST", to, { body: observed(chunked(text), taken.resolve), headers });
      expect([response.status, await taken.promise]).toEqual([status, "ended"]);
      await response.arrayBuffer();
    }
  });

  it("are not waited for when they are refused and stop coming", async () => {
    const stalled = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
    });
    await expectProblem(request("POST", "/nowhere", { body: stalled }), "not_found");
  });

  it.each([
    ["of a length that never comes", { "Content-Length": "40" }, 40],
    ["of no length", {}, 8],
  ])("are given up when they don't come to their end in time: %s", async (_, headers, bytes) => {
    const begun = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"ops":[')),
    });
    const slow = new Request("http://weir/", { method: "POST", headers, body: begun });
    const budget = new BodyBudget();
    const lease = new BodyLease(() => {}, budget);
    const read = await readBody(slow, { schema: OpsBodySchema }, lease, 20);
    expect(read).toMatchObject({ ok: false, problem: { code: "invalid_request", errors: [{ path: "body" }] } });
    expect(budget.bytes).toBe(bytes);
    lease.end();
    expect(budget.bytes).toBe(0);
  });

  it("find no room while those of other requests take it all, and find it again afterwards", async () => {
    const { path } = new TestSet();
    const send = (body: string | ReadableStream) => request("POST", `${path}/ops`, { body });
    const others = new BodyLease(() => {});
    expect(others.take(24 << 20, true)).toBe(true);
    const long = bodyOf(64 << 10).padEnd((64 << 10) + 1);
    await expectRoom(send(bodyOf(64 << 10)), true);
    await expectRoom(send(long), false);
    await expectRoom(send(chunked(bodyOf(100))), false);
    expect(others.take(8 << 20, false)).toBe(true);
    await expectRoom(send(bodyOf(100)), false);
    others.end();
    await expectRoom(send(bodyOf(100)), true);
    await expectRoom(send(long), true);
    expect(bodyBudget.bytes).toBe(0);
  });

  it("take room until their request is answered", async () => {
    let taken = 0;
    const apply = async (): Promise<never> => {
      taken = bodyBudget.bytes;
      throw new Error("The object failed");
    };
    const failing = { ...env, SETS: { getByName: () => ({ apply }) } } as unknown as typeof env;
    captureLog();
    const sent = new Request("http://weir/sets/a/ops", { method: "POST", body: bodyOf(1_000) });
    const response = await handle(sent, failing, createExecutionContext());
    expect([response.status, taken, bodyBudget.bytes]).toEqual([503, 1_000, 0]);
  });

  it("[R3] take 10,000 entries, as an array or as lines", async () => {
    const [array, lines] = [new TestSet(), new TestSet()];
    const entries = ops(limits.batchEntriesMax);
    const body = entries.map((op) => JSON.stringify(op)).join("\n");
    expect(await answer(request("POST", `${array.path}/ops`, { body: { ops: entries } }))).toMatchObject({
      size: limits.batchEntriesMax,
    });
    expect(await answer(request("POST", `${lines.path}/ops`, { body, headers: ndjson }))).toMatchObject({
      size: limits.batchEntriesMax,
    });
  });

  it("[R3] are refused with 10,001 entries", async () => {
    const set = new TestSet();
    const entries = ops(limits.batchEntriesMax + 1);
    const body = entries.map((op) => JSON.stringify(op)).join("\n");
    await expectProblem(request("POST", `${set.path}/ops`, { body: { ops: entries } }), "payload_too_large", "ops");
    await expectProblem(request("POST", `${set.path}/ops`, { body, headers: ndjson }), "payload_too_large", "ops");
    expect(await set.tables()).toEqual([]);
  });

  it("are parsed as JSON whatever the Content-Type says", async () => {
    const set = new TestSet();
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8", ""]) {
      const headers = { "Content-Type": type };
      const body = { ops: [add("a", 1)] };
      expect(await answer(request("POST", `${set.path}/ops`, { body, headers }))).toMatchObject({ size: 1 });
    }
  });

  it("take lines of JSON, with LF or CRLF, empty lines and no last line end", async () => {
    const set = new TestSet();
    const body = `${JSON.stringify(add("a", 1))}\r\n\n${JSON.stringify(add("b", 1))}`;
    const headers = { "Content-Type": "Application/X-NDJSON; charset=utf-8" };
    expect(await answer(request("POST", `${set.path}/ops`, { body, headers }))).toMatchObject({
      size: 2,
      verdicts: ["applied", "applied"],
    });
    expect(await answer(request("POST", `${set.path}/ops`, { body: "", headers }))).toMatchObject({ verdicts: [] });
  });

  it("[R4] apply nothing when the last of many lines is broken or wrong", async () => {
    const set = new TestSet();
    const lines = ops(5_000).map((op) => JSON.stringify(op));
    for (const [last, path] of [
      ['{"op":"add","elem', "ops[5000]"],
      ['{"op":"add","element":""}', "ops[5000].element"],
    ] as const) {
      const body = [...lines, last].join("\n");
      await expectProblem(request("POST", `${set.path}/ops`, { body, headers: ndjson }), "invalid_request", path);
    }
    expect(await set.tables()).toEqual([]);
  });

  it("are not taken as lines where there is no array", async () => {
    const response = request("PUT", new TestSet().path, { body: "{}", headers: ndjson });
    await expectProblem(response, "unsupported_media_type");
  });

  it.each(["gzip", "br", "deflate", "x"])("are refused with Content-Encoding %s", async (encoding) => {
    const set = new TestSet();
    const headers = { "Content-Encoding": encoding };
    const body = { ops: [add("a")] };
    await expectProblem(request("POST", `${set.path}/ops`, { body, headers }), "unsupported_media_type");
    expect(await set.tables()).toEqual([]);
  });

  it("are taken with Content-Encoding identity", async () => {
    const headers = { "Content-Encoding": "Identity" };
    expect((await request("POST", `${new TestSet().path}/ops`, { body: { ops: [] }, headers })).status).toBe(200);
  });

  it.each([
    ["a byte that never occurs", [0xff]],
    ["half a character", [0xe2, 0x82]],
    ["an overlong form", [0xc0, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("[C5] are refused when they are not UTF-8: %s", async (_, bytes) => {
    const set = new TestSet();
    const [before, after] = ['{"ops":[{"op":"add","element":"', '"}]}'].map((text) => new TextEncoder().encode(text));
    const body = new Uint8Array([...before!, ...bytes, ...after!]);
    await expectProblem(request("POST", `${set.path}/ops`, { body }), "invalid_request", "body");
    const cut = new Uint8Array([...before!, ...bytes]);
    await expectProblem(request("POST", `${set.path}/ops`, { body: cut }), "invalid_request", "body");
    expect(await set.tables()).toEqual([]);
  });

  it("of JSON may begin with one byte order mark, and have none anywhere else", async () => {
    const op = JSON.stringify(add("a", 1));
    const send = (set: TestSet, body: string | ReadableStream<Uint8Array>, headers = {}) =>
      request("POST", `${set.path}/ops`, { body, headers });
    const json = `\ufeff{"ops":[${op}]}`;
    for (const body of [json, chunked(json)]) {
      expect(await answer(send(new TestSet(), body))).toMatchObject({ size: 1 });
    }
    expect(await answer(send(new TestSet(), `\ufeff${op}\n\r\n \t\n${op}`, ndjson))).toMatchObject({ size: 1 });
    const set = new TestSet();
    await expectProblem(send(set, `\ufeff${json}`), "invalid_request", "body");
    await expectProblem(send(set, `\ufeff`), "invalid_request", "body");
    await expectProblem(send(set, `${op}\n\ufeff\n`, ndjson), "invalid_request", "ops[1]");
    await expectProblem(send(set, `${op}\n\u00a0`, ndjson), "invalid_request", "ops[1]");
    // An optional body that is no JSON is not the same as none.
    await expectProblem(request("PUT", set.path, { body: "\ufeff\ufeff" }), "invalid_request", "body");
    expect(await set.tables()).toEqual([]);
    expect((await request("PUT", set.path, { body: "\ufeff" })).status).toBe(201);
  });

  it("[T1] [T3] of lines are taken as they are, a byte order mark included", async () => {
    for (const body of ["\ufeff1|B\n2|B", chunked("\ufeff1|B\n2|B")]) {
      const stream = new TestStream();
      expect(await answer(request("POST", `${stream.path}/events`, { body }))).toMatchObject({ dead_letters: 1 });
      expect(await stream.deadLetters()).toMatchObject({ dead_letters: [{ reason: "malformed", line: "\ufeff1|B" }] });
    }
  });
});
