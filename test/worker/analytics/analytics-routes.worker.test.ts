/** The routes of analytics, as a client sees them. */
import { describe, expect, test } from "vitest";
import { call, HOUR, HOUR_MS, json, newSite, post, postEvents, text } from "./analytics-requests.ts";
import type { TestEvent } from "./analytics-requests.ts";

describe("single events", () => {
  test("[A1] are counted, users once each, in three lines", async () => {
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
});
