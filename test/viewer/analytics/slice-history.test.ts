/** The last slices of a site. */
import { describe, expect, it } from "vitest";
import { HISTORY_SLICES, SliceHistory, historyRange } from "../../../src/viewer/analytics/slice-history.ts";
import type { SliceRow } from "../../../src/protocol/analytics.ts";

const HOUR_MS = 3_600_000;
const GRID = { sliceMs: HOUR_MS, firstSlice: 0 };

function row(hour: number, users: number, clicks: number, impressions = 0): SliceRow {
  return { slice: new Date(hour * HOUR_MS).toISOString(), unique_users: users, clicks, impressions };
}

describe("the range to read", () => {
  it("has so many slices, the current one last", () => {
    const { fromMs, toMs } = historyRange(GRID, 100 * HOUR_MS + 5);
    expect([fromMs, toMs]).toEqual([77 * HOUR_MS, 100 * HOUR_MS + 1]);
    expect(historyRange(GRID, 101 * HOUR_MS - 1)).toEqual({ fromMs, toMs });
    expect(historyRange(GRID, 101 * HOUR_MS).fromMs).toBe(78 * HOUR_MS);
  });

  it("begins nowhere before the beginning, and where the grid does", () => {
    expect(historyRange(GRID, 5).fromMs).toBe(0);
    expect(historyRange({ sliceMs: 1_000, firstSlice: 300 }, 100_000).toMs).toBe(99_301);
  });
});

describe("a history", () => {
  it("is in order, and forgets what is too old", () => {
    const history = new SliceHistory();
    history.take([row(50, 1, 1), row(49, 2, 2)]);
    history.take(Array.from({ length: HISTORY_SLICES }, (_, index) => row(27 + index, 0, 0)));
    expect(history.slices.map(({ startMs }) => startMs / HOUR_MS)).toEqual(
      Array.from({ length: HISTORY_SLICES }, (_, index) => 27 + index),
    );
    history.take([row(51, 3, 4, 5)]);
    expect(history.slices.length).toBe(HISTORY_SLICES);
    expect(history.slices[0]?.startMs).toBe(28 * HOUR_MS);
    expect(history.slices.at(-1)).toEqual({ startMs: 51 * HOUR_MS, users: 3, clicks: 4, impressions: 5 });
  });

  it("keeps of two reports the one with more events, whichever comes first", () => {
    const history = new SliceHistory();
    history.take([row(1, 5, 9, 1)]);
    history.take([row(1, 4, 8, 1), row(2, 1, 1)]);
    expect(history.get(HOUR_MS)).toMatchObject({ users: 5, clicks: 9 });
    history.take([row(1, 5, 9, 2)]);
    expect(history.get(HOUR_MS)).toMatchObject({ impressions: 2 });
  });
});
