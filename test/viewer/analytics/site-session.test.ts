/** One site as the page watches it, against a network by hand. */
import { beforeEach, describe, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import { READ_AGAIN_MS, SiteSession } from "../../../src/viewer/analytics/site-session.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

const HOUR_MS = 3_600_000;
const NOW = 500_000 * HOUR_MS + 1_000;

let runtime: FakeRuntime;
let session: SiteSession;
/** Paths that were asked for, with their queries. */
let asked: string[];
let answer: (url: URL) => Response | Promise<Response>;

beforeEach(() => {
  runtime = new FakeRuntime(NOW);
  asked = [];
  answer = answerHours;
  const client = new WeirClient({
    url: "http://weir.test",
    runtime,
    fetch: async (input) => {
      const url = input as URL;
      asked.push(`${url.pathname}${url.search}`);
      return answer(url);
    },
  });
  session = new SiteSession(client.analytics, "shop", {
    nowMs: () => runtime.nowMs(),
    setTimer: (ms, fire) => runtime.setTimer(ms, fire),
    changed: () => {},
  });
});

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Each hour has as many clicks as the query has hours before it, and the current slice two late events. */
function answerHours(url: URL): Response {
  if (url.pathname === "/analytics/routing") {
    return Response.json({ slice_ms: HOUR_MS, first_slice: 0, rules: [{ from: 0, shards: 1 }] });
  }
  const totals = (startMs: number, clicks: number): object => ({
    slice: iso(startMs),
    unique_users: 1,
    clicks,
    impressions: 0,
  });
  if (url.pathname === "/analytics") {
    return Response.json({ ...totals(NOW, 0), as_of: iso(NOW), max_staleness_ms: 1_000, shards: 1, late: 2 });
  }
  const [from, to] = ["from", "to"].map((name) => Number(url.searchParams.get(name)));
  const count = Math.ceil((to! - from!) / HOUR_MS);
  return Response.json({ slices: Array.from({ length: count }, (_, index) => totals(from! + index * HOUR_MS, index)) });
}

function tell(startMs: number, clicks: number): void {
  const totals = { unique_users: 1, clicks, impressions: 0 };
  runtime.socket.say({ type: "slice", slice: iso(startMs), ...totals, as_of: iso(runtime.nowMs()) });
}

function ranges(): number {
  return asked.filter((path) => path.startsWith("/analytics/range")).length;
}

/** Lets what was asked be answered. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function open(): Promise<void> {
  session.connect();
  runtime.socket.open();
  tell(NOW - 1_000, 40);
  await settle();
}

describe("a session", () => {
  it("has the current slice live, and reads the last 24 of its site", async () => {
    await open();
    expect(session.current).toMatchObject({ startMs: NOW - 1_000, clicks: 40, users: 1, asOfMs: NOW });
    expect(session.late).toBe(2);
    expect(session.slices.length).toBe(24);
    expect(session.slices.at(-1)?.clicks).toBe(40);
    expect(session.slices[5]?.clicks).toBe(5);
    const from = NOW - 1_000 - 23 * HOUR_MS;
    expect(asked).toContain(`/analytics/range?from=${from}&to=${NOW - 999}&site=shop`);
  });

  it("follows the slice across its end, keeps what became of it, and reads again", async () => {
    await open();
    const before = ranges();
    runtime.stepClock(HOUR_MS);
    await settle();
    tell(NOW - 1_000, 44);
    expect(session.current).toMatchObject({ startMs: NOW - 1_000, clicks: 44 });
    tell(NOW - 1_000 + HOUR_MS, 1);
    await settle();
    expect(session.current).toMatchObject({ startMs: NOW - 1_000 + HOUR_MS, clicks: 1 });
    expect(ranges()).toBeGreaterThan(before);
    expect(session.slices.length).toBe(24);
    expect(session.slices.slice(-2).map(({ clicks }) => clicks)).toEqual([44, 23]);
    // A straggler of the slice before is no way back.
    tell(NOW - 1_000, 45);
    expect(session.current?.startMs).toBe(NOW - 1_000 + HOUR_MS);
    expect(session.slices.at(-2)?.clicks).toBe(45);
  });

  it("reads again now and then, after a loss, and never twice at once", async () => {
    await open();
    const before = ranges();
    runtime.pass(READ_AGAIN_MS);
    await settle();
    expect(ranges()).toBe(before + 1);
    runtime.socket.cut();
    runtime.pass(session.status.retryAtMs! - runtime.nowMs());
    runtime.socket.open();
    tell(NOW - 1_000, 41);
    await settle();
    expect(ranges()).toBe(before + 2);
    session.close();
    runtime.pass(10 * READ_AGAIN_MS);
    await settle();
    expect(ranges()).toBe(before + 2);
    expect(runtime.timers).toBe(0);
  });

  it("forgets a site that was erased, and what was asked for before", async () => {
    await open();
    const former = Promise.withResolvers<Response>();
    answer = (url) => (url.pathname === "/analytics/range" ? former.promise : answerHours(url));
    runtime.pass(READ_AGAIN_MS);
    await settle();
    runtime.socket.say({ type: "reset" });
    expect(session.current).toBeUndefined();
    tell(NOW - 1_000, 0);
    const url = new URL(`http://weir.test${asked.findLast((path) => path.startsWith("/analytics/range"))}`);
    answer = (next) => (next.pathname === "/analytics/range" ? Response.json({ slices: [] }) : answerHours(next));
    former.resolve(answerHours(url));
    await settle();
    expect(session.current?.clicks).toBe(0);
    expect(session.slices.map(({ clicks }) => clicks)).toEqual([0]);
  });

  it("goes on with hours where it may not ask how slices lie, and says what else went wrong", async () => {
    answer = (url) => {
      const problem = { type: "about:blank", title: "Forbidden", status: 403, code: "forbidden", detail: "Not you." };
      return url.pathname === "/analytics/routing" ? Response.json(problem, { status: 403 }) : answerHours(url);
    };
    await open();
    expect(session.slices.length).toBe(24);
    expect(session.problem).toBeUndefined();
    const title = { type: "about:blank", title: "Bad", status: 400, code: "invalid_request" };
    answer = () => Response.json({ ...title, detail: "Not so." }, { status: 400 });
    runtime.pass(READ_AGAIN_MS);
    await settle();
    expect(session.problem).toBe("Not so.");
    expect(session.slices.length).toBe(24);
  });
});
