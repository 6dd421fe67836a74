/** Events from the SDK: what each is given, what goes together, and what is tried again. */
import { expect, test } from "vitest";
import { readSliceFrame } from "../../../src/client/analytics/slice-frames.ts";
import { WeirClient } from "../../../src/client/index.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

interface Sent {
  readonly timestamp: number;
  readonly user: string;
  readonly event: string;
  readonly site?: string;
  readonly id: string;
}

/** A server that gives these statuses, one after the other, and then 202 for ever. */
function serve(...statuses: readonly number[]) {
  const runtime = new FakeRuntime();
  const requests: (readonly Sent[])[] = [];
  const fates = [...statuses];
  const client = new WeirClient({
    url: "http://weir.test",
    runtime,
    fetch: async (_url, init) => {
      const body = init?.body;
      requests.push(JSON.parse(typeof body === "string" ? body : "") as Sent[]);
      const status = fates.shift() ?? 202;
      if (status === 0) throw new TypeError("The connection was cut.");
      if (status === 202) return Response.json({ accepted: 1, duplicates: 0 }, { status });
      const code = status === 503 ? "overloaded" : "invalid_request";
      return Response.json({ type: "urn:x", title: code, status, code, detail: code }, { status });
    },
  });
  return { runtime, requests, analytics: client.analytics };
}

async function settle<T>(runtime: FakeRuntime, promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (runtime.timers > 0) runtime.pass(60_000);
  }
  return promise;
}

test("events recorded in one turn go together, each with a time and an id of its own", async () => {
  const { runtime, requests, analytics } = serve();
  const nowMs = runtime.nowMs();
  const all = Promise.all([
    analytics.record({ user: "a", event: "click" }),
    analytics.record([
      { user: "a", event: "click", site: "s", timestamp: 5 },
      { user: "b", event: "impression", id: "mine" },
    ]),
  ]);
  expect(analytics.pending).toBe(3);
  await settle(runtime, all);
  expect(analytics.pending).toBe(0);
  expect(requests.length).toBe(1);
  expect(requests[0]).toMatchObject([
    { user: "a", event: "click", timestamp: nowMs, id: expect.stringMatching(/^[0-9a-f]{32}$/) },
    { user: "a", site: "s", timestamp: 5 },
    { user: "b", event: "impression", id: "mine" },
  ]);
  expect(requests[0]![0]!.id).not.toBe(requests[0]![1]!.id);
});

test("[A3] what might not have arrived is sent again as it was, time and id included", async () => {
  const { runtime, requests, analytics } = serve(0, 503, 503, 0, 0);
  await settle(runtime, analytics.record({ user: "a", event: "click" }));
  expect(requests.length).toBe(6);
  for (const request of requests) expect(request).toEqual(requests[0]);
});

test("what makes no sense is refused before it is sent, and what the server refuses is not tried again", async () => {
  const { runtime, requests, analytics } = serve(400);
  await expect(analytics.record({ user: "", event: "click" })).rejects.toMatchObject({
    code: "invalid_request",
    errors: [{ path: "events[0].user" }],
  });
  await expect(analytics.slice(5, "")).rejects.toMatchObject({ errors: [{ path: "site" }] });
  expect(requests.length).toBe(0);
  await expect(settle(runtime, analytics.record({ user: "a", event: "click" }))).rejects.toMatchObject({ status: 400 });
  expect(requests.length).toBe(1);
});

test("a closed handle records nothing more", async () => {
  const { analytics } = serve();
  analytics.close();
  await expect(analytics.record({ user: "a", event: "click" })).rejects.toMatchObject({ code: "network" });
});

test("a frame's position is its slice and the events it counts", () => {
  const slice = "2024-01-02T03:00:00.000Z";
  const frame = { type: "slice", slice, unique_users: 2, clicks: 3, impressions: 4, as_of: slice };
  expect(readSliceFrame(frame)).toEqual({ kind: "frame", frame, offset: `${Date.parse(slice)}:7`, more: false });
  expect(readSliceFrame({ type: "reset" })).toEqual({ kind: "reset", frame: { type: "reset" } });
  expect(readSliceFrame({ type: "news" })).toEqual({ kind: "unknown" });
  expect(readSliceFrame({ ...frame, clicks: "3" })).toEqual({ kind: "garbled" });
  expect(readSliceFrame([])).toEqual({ kind: "garbled" });
});
