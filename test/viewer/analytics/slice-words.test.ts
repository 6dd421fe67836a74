/** Slices for a person. */
import { describe, expect, it } from "vitest";
import { axisWords, durationWords, sliceSpan } from "../../../src/viewer/analytics/slice-words.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** In the reader's time zone, whichever that is. */
const NOON = new Date(2026, 9, 20, 12).getTime();

describe("a slice", () => {
  it("is said by its times, with seconds where it has any, and its date where that isn't today", () => {
    expect(sliceSpan(NOON, HOUR_MS, NOON)).toBe("12:00–13:00");
    expect(sliceSpan(NOON + 2_000, 2_000, NOON)).toBe("12:00:02–12:00:04");
    expect(sliceSpan(NOON - DAY_MS, HOUR_MS, NOON)).toBe("2026-10-19 12:00–13:00");
    expect(sliceSpan(NOON + 11 * HOUR_MS, HOUR_MS, NOON)).toBe("23:00–2026-10-21 00:00");
    expect(sliceSpan(NOON - 12 * HOUR_MS, DAY_MS, NOON)).toBe("00:00–2026-10-21 00:00");
  });

  it("has a short name on the axis", () => {
    expect(axisWords(NOON, HOUR_MS)).toBe("12:00");
    expect(axisWords(NOON + 1_000, 1_000)).toBe("12:00:01");
    expect(axisWords(NOON, DAY_MS)).toBe("Oct 20");
  });

  it("ends in so long, never sooner than said", () => {
    const said = [-5, 1, 99_000, 99_001, 99 * MINUTE_MS, 100 * MINUTE_MS, 47 * HOUR_MS, 3 * DAY_MS].map(durationWords);
    expect(said).toEqual(["0 s", "1 s", "99 s", "2 min", "99 min", "2 h", "47 h", "3 days"]);
  });
});
