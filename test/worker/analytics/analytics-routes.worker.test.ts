/** The routes of analytics, as a client sees them. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ProblemBody } from "../../../src/protocol/problem.ts";
import { call, HOUR, HOUR_MS, json, newSite, post, postEvents, text } from "./analytics-requests.ts";
import type { TestEvent } from "./analytics-requests.ts";

const ISO = new Date(HOUR).toISOString();

async function refusal(response: Response): Promise<ProblemBody> {
  return response.json();
}

describe("single events", () => {
  test("[A1] [A2] [A22] are counted, users once each, in three lines", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    await post(`timestamp=${HOUR + 1}&user=a&impression&site=${site}`);
    await post(`timestamp=${HOUR + HOUR_MS - 1}&user=b&event=click&site=${site}`);
    await post(`timestamp=${HOUR + HOUR_MS}&user=c&event=impression&site=${site}`);
    const path = (timestamp: number) => `/analytics?timestamp=${timestamp}&site=${site}`;
    expect(await text(path(HOUR + 5))).toBe("unique_users,2\nclicks,2\nimpressions,1\n");
    expect(await text(path(HOUR + HOUR_MS))).toBe("unique_users,1\nclicks,0\nimpressions,1\n");
    expect(await text(path(HOUR - 1))).toBe("unique_users,0\nclicks,0\nimpressions,0\n");
  });

  test("[A3] count once with an id, and each time without", async () => {
    const site = newSite();
    for (let round = 0; round < 3; round++) {
      await post(`timestamp=${HOUR}&user=a&click&site=${site}&id=one`);
      await post(`timestamp=${HOUR}&user=a&impression&site=${site}`);
    }
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe("unique_users,1\nclicks,1\nimpressions,3\n");
  });

  test("[A2] go to the site named default unless they name one", async () => {
    await post(`timestamp=${HOUR}&user=a&click`);
    expect(await text(`/analytics?timestamp=${HOUR}&site=default`)).toBe(await text(`/analytics?timestamp=${HOUR}`));
    expect(await text(`/analytics?timestamp=${HOUR}`)).toContain("unique_users,1\n");
  });

  test("[A4] that come together are all counted, each once", async () => {
    const site = newSite();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => post(`timestamp=${HOUR}&user=u${index % 50}&click&site=${site}`)),
    );
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe(
      "unique_users,50\nclicks,200\nimpressions,0\n",
    );
  });

  test("[A1] reach the ends of time", async () => {
    const site = newSite();
    for (const timestamp of [0, 8_640_000_000_000_000]) {
      const slice = await json(`/analytics?timestamp=${timestamp}&site=${site}`);
      expect(slice).toMatchObject({ slice: new Date(timestamp).toISOString(), unique_users: 0 });
    }
    await post(`timestamp=0&user=a&click&site=${site}`);
    expect(await text(`/analytics?timestamp=3599999&site=${site}`)).toContain("unique_users,1\n");
  });

  const valid = `timestamp=${HOUR}&user=a`;
  test.each([
    ["user=a&click", "timestamp"],
    ["timestamp=&user=a&click", "timestamp"],
    ["timestamp=1.5&user=a&click", "timestamp"],
    ["timestamp=-1&user=a&click", "timestamp"],
    ["timestamp=yesterday&user=a&click", "timestamp"],
    ["timestamp=8640000000000001&user=a&click", "timestamp"],
    ["timestamp=1&timestamp=2&user=a&click", "timestamp"],
    [`timestamp=${HOUR}&click`, "user"],
    [`timestamp=${HOUR}&user=&click`, "user"],
    [`timestamp=${HOUR}&user=${"x".repeat(257)}&click`, "user"],
    [`timestamp=${HOUR}&user=a%00&click`, "user"],
    [valid, "event"],
    [`${valid}&click&impression`, "event"],
    [`${valid}&click&event=click`, "event"],
    [`${valid}&event=view`, "event"],
    [`${valid}&click=no`, "click"],
    [`${valid}&click&site=`, "site"],
    [`${valid}&click&site=${"x".repeat(257)}`, "site"],
    [`${valid}&click&id=`, "id"],
    [`${valid}&click&id=${"x".repeat(1_025)}`, "id"],
  ])("[R4] %s is refused, for %s", async (query, path) => {
    const response = await call(`/analytics?${query}`, { method: "POST" });
    expect(response.status).toBe(400);
    const problem = await refusal(response);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });

  test("[R4] a bare key that is given twice is refused as such", async () => {
    const response = await call(`/analytics?${valid}&click&click`, { method: "POST" });
    expect((await refusal(response)).detail).toBe("click: must be given once.");
  });

  test("[R1] names at their limits are taken", async () => {
    const [name, id] = ["x".repeat(256), "x".repeat(1_024)];
    await post(`timestamp=${HOUR}&user=${name}&click&site=${"y".repeat(256)}&id=${id}`);
  });

  test("[R4] a name that is not percent-encoded UTF-8 is refused rather than guessed", async () => {
    const response = await call(`/analytics?timestamp=${HOUR}&user=%ff&click`, { method: "POST" });
    expect(response.status).toBe(400);
    expect((await refusal(response)).errors?.[0]?.path).toBe("user");
  });
});

describe("batches", () => {
  const events = (site: string): readonly TestEvent[] => [
    { timestamp: HOUR, user: "a", event: "click", site, id: "1" },
    { timestamp: HOUR, user: "b", event: "impression", site },
    { timestamp: HOUR + HOUR_MS, user: "a", event: "click", site, id: "1" },
    { timestamp: HOUR, user: "a", event: "click", site, id: "1" },
  ];

  test("[A3] [A4] say how many were counted and how many were duplicates", async () => {
    const site = newSite();
    expect(await postEvents(events(site))).toEqual({ accepted: 3, duplicates: 1 });
    expect(await postEvents(events(site))).toEqual({ accepted: 1, duplicates: 3 });
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe("unique_users,2\nclicks,1\nimpressions,2\n");
  });

  test("[A2] come as lines of JSON too, and may be empty", async () => {
    const site = newSite();
    const body = events(site)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join("");
    const headers = { "Content-Type": "application/x-ndjson" };
    const response = await call("/analytics/events", { method: "POST", body, headers });
    expect(await response.json()).toEqual({ accepted: 3, duplicates: 1 });
    expect(await postEvents([])).toEqual({ accepted: 0, duplicates: 0 });
  });

  test("[A28] [R4] are refused whole, with the index and the field", async () => {
    const site = newSite();
    const good = { timestamp: HOUR, user: "a", event: "click", site };
    const bad: readonly (readonly [unknown, string])[] = [
      [{ ...good, timestamp: "1" }, "[1].timestamp"],
      [{ ...good, timestamp: 1.5 }, "[1].timestamp"],
      [{ ...good, user: "" }, "[1].user"],
      [{ ...good, user: "\ud800" }, "[1].user"],
      [{ ...good, user: 7 }, "[1].user"],
      [{ ...good, event: "view" }, "[1].event"],
      [{ ...good, site: "a\nb" }, "[1].site"],
      [{ ...good, id: "a\0" }, "[1].id"],
      ["click", "[1]"],
    ];
    for (const [entry, path] of bad) {
      const response = await call("/analytics/events", { method: "POST", body: JSON.stringify([good, entry]) });
      expect(response.status).toBe(400);
      expect((await refusal(response)).errors?.[0]?.path).toBe(path);
    }
    expect(await text(`/analytics?timestamp=${HOUR}&site=${site}`)).toBe("unique_users,0\nclicks,0\nimpressions,0\n");
    const many = Array.from({ length: 10_001 }, () => good);
    expect((await call("/analytics/events", { method: "POST", body: JSON.stringify(many) })).status).toBe(413);
    expect(await postEvents(many.slice(1) as TestEvent[])).toEqual({ accepted: 10_000, duplicates: 0 });
  });
});

describe("reading", () => {
  test("[A19] [A22] JSON says what it is and how old it can be", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    const before = Date.now();
    const response = await call(`/analytics?timestamp=${HOUR}&site=${site}`, {
      headers: { Accept: "application/json", "Cache-Control": "no-cache" },
    });
    expect(response.headers.get("Cache-Control")).toBe("no-cache");
    const answer = await response.json<Record<string, unknown>>();
    expect(answer).toEqual({
      slice: ISO,
      unique_users: 1,
      clicks: 1,
      impressions: 0,
      as_of: expect.any(String),
      max_staleness_ms: 0,
      shards: 1,
      late: 0,
    });
    expect(Date.parse(String(answer["as_of"]))).toBeGreaterThanOrEqual(before);
  });

  test("[A19] a slice that ended long ago may be a minute old, the current one a second, and they say so", async () => {
    const site = newSite();
    for (const [timestamp, maxAgeS] of [
      [HOUR, 60],
      [Date.now(), 1],
    ] as const) {
      const path = `/analytics?timestamp=${timestamp}&site=${site}`;
      expect((await call(path)).headers.get("Cache-Control")).toBe(`max-age=${maxAgeS}`);
      expect(await json(path)).toMatchObject({ max_staleness_ms: maxAgeS * 1_000 });
    }
  });

  test("[A22] a slice is text, unless the client likes JSON better", async () => {
    const typeFor = async (accept: string) => {
      const response = await call(`/analytics?timestamp=${HOUR}&site=${newSite()}`, { headers: { Accept: accept } });
      return [response.headers.get("Content-Type"), response.headers.get("Vary")];
    };
    const lines = ["text/plain;charset=UTF-8", "Accept"];
    for (const accept of ["*/*", "text/plain, application/json", "application/json;q=0"]) {
      expect(await typeFor(accept)).toEqual(lines);
    }
    for (const accept of ["application/json", "application/json, text/plain", "text/plain;q=0.5, application/json"]) {
      expect(await typeFor(accept)).toEqual(["application/json", "Accept"]);
    }
  });

  test("[A19] several slices may be as old as the oldest of them, and say so", async () => {
    const site = newSite();
    const now = Date.now();
    const long = `/analytics/range?from=${HOUR}&to=${HOUR + 1}&site=${site}`;
    const current = `/analytics/range?from=${now}&to=${now + 1}&site=${site}`;
    const all = `/analytics/allslices?site=${site}`;
    const ages = (headers?: Record<string, string>) =>
      Promise.all(
        [long, current, all].map(async (path) =>
          (await call(path, { ...(headers && { headers }) })).headers.get("Cache-Control"),
        ),
      );
    await post(`timestamp=${now}&user=a&click&site=${site}`);
    expect(await ages()).toEqual(["max-age=1", "max-age=1", "max-age=1"]);
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    expect(await ages()).toEqual(["max-age=60", "max-age=1", "max-age=60"]);
    expect(await ages({ "Cache-Control": "no-cache" })).toEqual(["no-cache", "no-cache", "no-cache"]);
  });

  test("[A20] reads what it wrote, without being asked to look", async () => {
    const site = newSite();
    const path = `/analytics?timestamp=${HOUR}&site=${site}`;
    for (let clicks = 1; clicks <= 5; clicks++) {
      expect(await (await call(path)).text()).toBe(`unique_users,${clicks - 1}\nclicks,${clicks - 1}\nimpressions,0\n`);
      await post(`timestamp=${HOUR}&user=u${clicks}&click&site=${site}`);
    }
  });

  test("[A22] each shard has a paragraph", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    const path = `/analytics/perworker?timestamp=${HOUR}&site=${site}`;
    expect(await text(path)).toBe("worker,0\nunique_users,1\nclicks,1\nimpressions,0\n\n");
  });

  test("[A22] [A24] each slice with data has a paragraph, the earliest first", async () => {
    const site = newSite();
    expect(await text(`/analytics/allslices?site=${site}`)).toBe("");
    await post(`timestamp=${HOUR + HOUR_MS}&user=a&impression&site=${site}`);
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    await post(`timestamp=5&user=a&click&site=${site}`);
    expect(await text(`/analytics/allslices?site=${site}`)).toBe(
      [
        "slice,1970-01-01T00:00:00.000Z\nunique_users,1\nclicks,1\nimpressions,0\n\n",
        `slice,${ISO}\nunique_users,1\nclicks,1\nimpressions,0\n\n`,
        `slice,${new Date(HOUR + HOUR_MS).toISOString()}\nunique_users,1\nclicks,0\nimpressions,1\n\n`,
      ].join(""),
    );
  });

  test("[A24] all slices come, also when they are more than a page", async () => {
    const site = newSite();
    const starts = Array.from({ length: 105 }, (_, index) => HOUR + index * HOUR_MS);
    await postEvents(starts.map((timestamp) => ({ timestamp, user: "a", event: "click", site })));
    const slices = (await text(`/analytics/allslices?site=${site}`)).match(/^slice,.*$/gm);
    expect(slices).toEqual(starts.map((start) => `slice,${new Date(start).toISOString()}`));
    // Each shard of each slice told of itself once.
    const noted = await env.SITES.getByName(site).slices(0, 8.64e15, 1_000);
    expect(noted.map(({ shards }) => shards)).toEqual(starts.map(() => [0]));
  }, 30_000);

  test("[A23] a range is dense, from the slice that holds from up to to", async () => {
    const site = newSite();
    await post(`timestamp=${HOUR}&user=a&click&site=${site}`);
    await post(`timestamp=${HOUR + 2 * HOUR_MS}&user=a&impression&site=${site}`);
    const row = (hour: number, counts: readonly number[]) => ({
      slice: new Date(HOUR + hour * HOUR_MS).toISOString(),
      unique_users: counts[0],
      clicks: counts[1],
      impressions: counts[2],
    });
    const range = (from: number, to: number) => json(`/analytics/range?from=${from}&to=${to}&site=${site}`);
    const [first, empty, third] = [row(0, [1, 1, 0]), row(1, [0, 0, 0]), row(2, [1, 0, 1])];
    expect(await range(HOUR + 7, HOUR + 2 * HOUR_MS)).toEqual({ slices: [first, empty] });
    expect(await range(HOUR, HOUR + 2 * HOUR_MS + 1)).toEqual({ slices: [first, empty, third] });
    expect(await range(HOUR, HOUR + 1)).toEqual({ slices: [first] });
  });

  test("[A23] a range has at most 1,000 rows", async () => {
    const site = newSite();
    const path = (to: number) => `/analytics/range?from=${HOUR}&to=${to}&site=${site}`;
    const { slices } = await json<{ readonly slices: readonly unknown[] }>(path(HOUR + 1_000 * HOUR_MS));
    expect(slices.length).toBe(1_000);
    for (const query of [path(HOUR + 1_000 * HOUR_MS + 1), path(HOUR), path(HOUR - 1)]) {
      const response = await call(query);
      expect(response.status).toBe(400);
      expect((await refusal(response)).errors?.[0]?.path).toBe("to");
    }
  });

  test.each([
    ["/analytics", "timestamp"],
    ["/analytics?timestamp=x", "timestamp"],
    ["/analytics?timestamp=1&site=", "site"],
    ["/analytics/perworker", "timestamp"],
    ["/analytics/range?from=1", "to"],
    ["/analytics/range?to=1", "from"],
    ["/analytics/allslices?site=%01", "site"],
    ["/analytics/live?timestamp=x", "timestamp"],
    ["/analytics/live?since=x", "since"],
    ["/analytics/live", "Accept"],
  ])("[R4] %s is refused, for %s", async (path, field) => {
    const response = await call(path);
    expect(response.status).toBe(400);
    expect((await refusal(response)).errors?.[0]?.path).toBe(field);
  });
});
