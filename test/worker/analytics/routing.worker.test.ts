/** Routing rules over HTTP, and what an edge does that has missed a change. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { RoutingBody } from "../../../src/protocol/analytics.ts";
import type { ProblemBody } from "../../../src/protocol/problem.ts";
import { call, HOUR_MS, json, newSite, post, postEvents, text } from "./analytics-requests.ts";

const NEXT_HOUR = Math.ceil((Date.now() + 120_000) / HOUR_MS) * HOUR_MS;

function put(body: unknown): Promise<Response> {
  return call("/analytics/routing", { method: "PUT", body: JSON.stringify(body) });
}

function current(): Promise<RoutingBody> {
  return json<RoutingBody>("/analytics/routing");
}

async function addRule(from: number, shards: number): Promise<Response> {
  const routing = await current();
  return put({ ...routing, rules: [...routing.rules, { from, shards }] });
}

async function refusal(response: Response, status: number): Promise<ProblemBody> {
  expect(response.status, await response.clone().text()).toBe(status);
  return response.json();
}

describe("routing", () => {
  test("[A7] is one shard and an hour until someone says otherwise", async () => {
    expect(await current()).toEqual({ slice_ms: 3_600_000, first_slice: 0, rules: [{ from: 0, shards: 1 }] });
  });

  test("[A9] the grid may change while no slice holds data", async () => {
    const routing = await current();
    expect((await put({ ...routing, slice_ms: 60_000, first_slice: 7 })).status).toBe(200);
    expect(await current()).toMatchObject({ slice_ms: 60_000, first_slice: 7 });
    expect((await put(routing)).status).toBe(200);
  });

  test("[A8] a new rule is refused before its lead, with the earliest start that would be accepted", async () => {
    const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const problem = await refusal(await addRule(now, 4), 409);
    expect(problem.code).toBe("conflict");
    const earliest = problem.earliest!;
    expect(earliest % HOUR_MS).toBe(0);
    expect(earliest).toBeGreaterThan(Date.now() + 59_000);
    expect(problem.detail).toContain(new Date(earliest).toISOString());
    expect(problem.errors?.[0]?.path).toBe("rules[1].from");
    expect((await addRule(earliest, 2)).status).toBe(200);
    expect((await current()).rules.at(-1)).toEqual({ from: earliest, shards: 2 });
  });

  test("[A8] what is there stays", async () => {
    const routing = await current();
    const first = { ...routing, rules: [{ from: 0, shards: 3 }, ...routing.rules.slice(1)] };
    expect((await refusal(await put(first), 409)).errors?.[0]?.path).toBe("rules[0]");
    const fewer = { ...routing, rules: routing.rules.slice(0, -1) };
    expect((await refusal(await put(fewer), 409)).errors?.[0]?.path).toBe(`rules[${routing.rules.length - 1}]`);
    expect((await put(routing)).status).toBe(200);
  });

  test("[A11] events for slices of four shards are spread, and are exact", async () => {
    const site = newSite();
    const from = NEXT_HOUR + 10 * HOUR_MS;
    expect((await addRule(from, 4)).status).toBe(200);
    const events = Array.from({ length: 300 }, (_, index) => {
      return { timestamp: from + index, user: `u${index % 100}`, event: "click", site } as const;
    });
    expect(await postEvents(events)).toEqual({ accepted: 300, duplicates: 0 });
    expect(await text(`/analytics?timestamp=${from}&site=${site}`)).toBe(
      "unique_users,100\nclicks,300\nimpressions,0\n",
    );
    const paragraphs = (await text(`/analytics/perworker?timestamp=${from}&site=${site}`)).split("\n\n");
    expect(paragraphs.length).toBe(5);
    const users = paragraphs.slice(0, 4).map((paragraph, shard) => {
      const [worker, unique] = paragraph.split("\n");
      expect(worker).toBe(`worker,${shard}`);
      return Number(unique?.split(",")[1]);
    });
    expect(users.reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(Math.min(...users)).toBeGreaterThan(5);
  });

  test("[A8] [A9] [A10] slices that hold data keep their rules", async () => {
    const { rules, ...routing } = await current();
    await post(`timestamp=${NEXT_HOUR + 12 * HOUR_MS}&user=a&click&site=${newSite()}`);
    const problem = await refusal(await addRule(NEXT_HOUR + 12 * HOUR_MS, 8), 409);
    expect(problem.earliest).toBe(NEXT_HOUR + 13 * HOUR_MS);
    for (const [path, change] of [
      ["slice_ms", { slice_ms: 60_000 }],
      ["first_slice", { first_slice: 5 }],
    ] as const) {
      expect((await refusal(await put({ ...routing, rules, ...change }), 409)).errors?.[0]?.path).toBe(path);
    }
  });

  test("[A11] an edge that has missed a rule routes anew, both single events and batches", async () => {
    const from = NEXT_HOUR + 40 * HOUR_MS;
    const site = newSite();
    // This isolate knows the rules of before; the change comes by another.
    await text(`/analytics?timestamp=${from}&site=${site}`);
    const routing = await current();
    const change = await env.ROUTING.getByName("routing").change({
      sliceMs: routing.slice_ms,
      firstSlice: routing.first_slice,
      rules: [...routing.rules, { from, shards: 16 }],
    });
    expect(change.kind).toBe("accepted");
    const batch = Array.from({ length: 40 }, (_, index) => {
      return { timestamp: from + HOUR_MS, user: `u${index}`, event: "click", site } as const;
    });
    await Promise.all([
      postEvents(batch),
      ...Array.from({ length: 40 }, (_, index) => post(`timestamp=${from}&user=u${index % 20}&click&site=${site}`)),
    ]);
    expect(await json(`/analytics?timestamp=${from}&site=${site}`)).toMatchObject({
      shards: 16,
      unique_users: 20,
      clicks: 40,
    });
    expect(await json(`/analytics?timestamp=${from + HOUR_MS}&site=${site}`)).toMatchObject({
      shards: 16,
      unique_users: 40,
    });
    // Nothing was left behind where it was refused.
    const [slice] = await env.SITES.getByName(site).slices(from, from + 1, 1);
    expect(slice?.claim.shards).toBe(16);
  });

  test("[A24] a shard tells its site once, and then asks nobody", async () => {
    const site = newSite();
    const timestamp = NEXT_HOUR + 41 * HOUR_MS;
    await postEvents(
      Array.from({ length: 500 }, (_, index) => ({ timestamp, user: `u${index}`, event: "click", site })),
    );
    const slices = await env.SITES.getByName(site).slices(0, 8.64e15, 10);
    expect(slices.length).toBe(1);
    const rows = await runInDurableObject(env.SITES.getByName(site), (_, { storage }) =>
      storage.sql.exec("SELECT * FROM shards").toArray(),
    );
    expect(rows.length).toBe(16);
  });

  test.each([
    [{ slice_ms: 999 }, "slice_ms"],
    [{ slice_ms: 366 * 86_400_000 + 1 }, "slice_ms"],
    [{ slice_ms: "1000" }, "slice_ms"],
    [{ first_slice: -1 }, "first_slice"],
    [{ rules: [] }, "rules"],
    [{ rules: {} }, "rules"],
    [{ rules: [{ from: 0, shards: 0 }] }, "rules[0].shards"],
    [{ rules: [{ from: 0, shards: 257 }] }, "rules[0].shards"],
    [{ rules: [{ from: 0.5, shards: 1 }] }, "rules[0].from"],
    [{ rules: [{ from: 0, shards: 1, until: 9 }] }, "rules[0].until"],
    [{ slices: 4 }, "slices"],
  ])("[R4] %j is refused, for %s", async (change, path) => {
    const problem = await refusal(await put({ ...(await current()), ...change }), 400);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });

  test("[A8] a rule that begins within a slice, or before the last rule, is refused with the earliest start", async () => {
    const { rules } = await current();
    const last = rules.at(-1)!.from;
    for (const from of [NEXT_HOUR + 80 * HOUR_MS + 1, Date.now(), last, last - HOUR_MS]) {
      const problem = await refusal(await addRule(from, 2), 409);
      expect(problem.errors?.[0]?.path).toBe(`rules[${rules.length}].from`);
      expect(problem.earliest).toBeGreaterThan(last);
    }
  });

  test("[R3] a document of 1,000 rules is looked at, one of 1,001 is not", async () => {
    const routing = await current();
    const rules = (count: number) => [
      ...routing.rules,
      ...Array.from({ length: count - routing.rules.length }, (_, index) => {
        return { from: NEXT_HOUR + (100 + index) * HOUR_MS, shards: 1 };
      }),
    ];
    await refusal(await put({ ...routing, rules: rules(1_001) }), 413);
    expect((await put({ ...routing, rules: rules(1_000) })).status).toBe(200);
  });
});
