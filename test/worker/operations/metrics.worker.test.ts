/** `GET /metrics` as Prometheus reads it. All tests of a file share one isolate, so what they look at is what was added. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import parsePrometheus from "parse-prometheus-text-format";
import { describe, expect, it, vi } from "vitest";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import { handle } from "../../../src/worker/serve.ts";
import { HOUR, newSite, postEvents } from "../analytics/analytics-requests.ts";
import { openEvents } from "../support/event-reader.ts";
import { openSocket } from "../support/live-socket.ts";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { add, TestSet } from "../support/test-set.ts";
import { observe, TestTenant } from "../support/test-tenant.ts";

async function scrape(): Promise<string> {
  const response = await request("GET", "/metrics");
  expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  return response.text();
}

/** Samples by their name and labels, without the isolate. */
function samples(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [, name, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line)!;
      return [`${name}{${labels!.replace(/,?isolate="\w+"$/, "")}}`, Number(value)];
    }),
  );
}

/** By how much `sample` grows while `act` runs. */
async function growth(act: () => Promise<unknown>): Promise<(sample: string) => number> {
  const before = samples(await scrape());
  await act();
  const after = samples(await scrape());
  return (sample) => (after.get(sample) ?? 0) - (before.get(sample) ?? 0);
}

describe("metrics", () => {
  it("are text that a Prometheus can read, line by line", async () => {
    const text = await scrape().then(scrape);
    expect(text.endsWith("\n")).toBe(true);
    for (const line of text.trimEnd().split("\n")) {
      expect(line).toMatch(
        /^(?:# HELP \w+ \S.*|# TYPE \w+ (?:counter|gauge|histogram)|\w+\{(?:\w+="[^"\\]*",?)+\} \d\S*)$/,
      );
    }
    const families = parsePrometheus(text);
    expect(families.map(({ name }) => name).toSorted()).toEqual([
      "weir_body_bytes",
      "weir_entries_total",
      "weir_errors_total",
      "weir_group_commit_entries",
      "weir_isolate_start_time_seconds",
      "weir_log_lines_suppressed_total",
      "weir_request_duration_seconds",
      "weir_requests_total",
      "weir_totals_cache_reads_total",
      "weir_viewers",
    ]);
    const isolates = text.match(/isolate="\w{8}"/g)!;
    expect(new Set(isolates).size).toBe(1);
    expect(isolates).toHaveLength(
      text
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("#")).length,
    );
  });

  it("count requests by route and class, and refusals by code", async () => {
    const grown = await growth(async () => {
      const set = new TestSet();
      await set.write(add("a", 1));
      await request("GET", `${set.path}?limit=0`);
      await request("GET", "/nowhere");
      await request("PATCH", set.path);
    });
    expect(grown('weir_requests_total{route="setOps",class="2xx"}')).toBe(1);
    expect(grown('weir_requests_total{route="setElements",class="4xx"}')).toBe(1);
    expect(grown('weir_requests_total{route="none",class="4xx"}')).toBe(2);
    expect(grown('weir_requests_total{route="metrics",class="2xx"}')).toBe(1);
    expect(grown('weir_errors_total{code="invalid_request"}')).toBe(1);
    expect(grown('weir_errors_total{code="not_found"}')).toBe(1);
    expect(grown('weir_errors_total{code="method_not_allowed"}')).toBe(1);
    expect(grown('weir_request_duration_seconds_count{route="setOps"}')).toBe(1);
    expect(grown('weir_request_duration_seconds_bucket{route="setOps",le="+Inf"}')).toBe(1);
  });

  it("count faults as such", async () => {
    const grown = await growth(async () => {
      const { SETS: _, ...broken } = env;
      const response = await handle(new Request("http://weir/sets/a"), broken as typeof env, createExecutionContext());
      await response.text();
    });
    expect(grown('weir_requests_total{route="setElements",class="5xx"}')).toBe(1);
    expect(grown('weir_errors_total{code="internal"}')).toBe(1);
  });

  it("count what became of entries", async () => {
    const grown = await growth(async () => {
      const [set, tenant] = [new TestSet(), new TestTenant()];
      await set.write(add("a", 1), add("a", 1), add("b", 1), add("c", 8.64e15));
      await observe([tenant.item("1"), tenant.item("1"), tenant.item("2")]);
      await tenant.observe("2");
      const event = { timestamp: HOUR, user: "u", event: "click", site: newSite() } as const;
      await postEvents([event, { ...event, id: "x" }, { ...event, id: "x" }]);
    });
    expect(grown('weir_entries_total{feature="sets",outcome="applied"}')).toBe(2);
    expect(grown('weir_entries_total{feature="sets",outcome="superseded"}')).toBe(1);
    expect(grown('weir_entries_total{feature="sets",outcome="future"}')).toBe(1);
    expect(grown('weir_entries_total{feature="items",outcome="new"}')).toBe(2);
    expect(grown('weir_entries_total{feature="items",outcome="duplicate"}')).toBe(2);
    expect(grown('weir_entries_total{feature="analytics",outcome="accepted"}')).toBe(2);
    expect(grown('weir_entries_total{feature="analytics",outcome="duplicate"}')).toBe(1);
  });

  it("tell how many single writes shared a call", async () => {
    const grown = await growth(async () => {
      const { path } = new TestSet();
      await Promise.all(Array.from({ length: 30 }, (_, index) => request("PUT", `${path}/elements/${index}`)));
    });
    const calls = grown('weir_group_commit_entries_count{feature="sets"}');
    expect(grown('weir_group_commit_entries_sum{feature="sets"}')).toBe(30);
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(30);
  });

  it("tell which reads of totals the cache answered", async () => {
    const path = `/analytics?timestamp=${HOUR}&site=${newSite()}`;
    const grown = await growth(async () => {
      await request("GET", path);
      await request("GET", path);
      await request("GET", path, { headers: { "Cache-Control": "no-cache" } });
    });
    expect(grown('weir_totals_cache_reads_total{outcome="miss"}')).toBe(1);
    expect(grown('weir_totals_cache_reads_total{outcome="hit"}')).toBe(1);
  });

  it("tell how many viewers there are, also while their object is away, and after they left", async () => {
    const set = new TestSet();
    const [before, viewers] = [samples(await scrape()), async () => samples(await scrape())];
    const socket = await openSocket(`${set.path}/live`);
    const events = await openEvents(`${set.path}/live`);
    await events.nextFrame();
    const expectViewers = (sockets: number, streams: number) =>
      vi.waitFor(async () => {
        const now = await viewers();
        const more = (form: string) =>
          now.get(`weir_viewers{form="${form}"}`)! - before.get(`weir_viewers{form="${form}"}`)!;
        expect([more("socket"), more("stream")]).toEqual([sockets, streams]);
      });
    await expectViewers(1, 1);
    await events.cancel();
    await expectViewers(1, 0);
    await set.evict();
    await expectViewers(1, 0);
    await socket.close();
    await expectViewers(0, 0);
  });

  it("are not for everyone", async () => {
    const response = await handle(
      new Request("http://weir/metrics"),
      { ...env, AUTH_MODE: "token" },
      createExecutionContext(),
    );
    await expectProblem(response, "unauthorized");
    expect(endpoints.metrics.access).toEqual({ kind: "admin" });
  });
});
