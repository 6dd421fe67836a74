/**
 * The last slices of a site, dense: what was read of them, overlaid by what was told live since. A total only grows, so of
 * two reports of one slice the one with more events is the newer, whichever comes first.
 */
import { sliceStart } from "../../core/analytics/time-slice.ts";
import type { SliceGrid } from "../../core/analytics/time-slice.ts";
import type { SliceRow } from "../../protocol/analytics.ts";

export const HISTORY_SLICES = 24;

export interface SliceTotals {
  /** The start of the slice, in milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly users: number;
  readonly clicks: number;
  readonly impressions: number;
}

/** What to read, in milliseconds since the Unix epoch; `toMs` is exclusive. */
export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The range of the last slices, up to the one that holds `nowMs`. */
export function historyRange(grid: SliceGrid, nowMs: number): HistoryRange {
  const currentMs = sliceStart(grid, nowMs);
  return { fromMs: Math.max(0, currentMs - (HISTORY_SLICES - 1) * grid.sliceMs), toMs: currentMs + 1 };
}

export class SliceHistory {
  #totals = new Map<number, SliceTotals>();

  /** Oldest first, at most {@link HISTORY_SLICES}. */
  get slices(): readonly SliceTotals[] {
    return [...this.#totals.values()].toSorted((a, b) => a.startMs - b.startMs);
  }

  get(startMs: number): SliceTotals | undefined {
    return this.#totals.get(startMs);
  }

  /** Takes what was told of one or more slices; those too old for the window go. */
  take(rows: readonly SliceRow[]): void {
    for (const row of rows) {
      const told = toTotals(row);
      const held = this.#totals.get(told.startMs);
      if (held === undefined || events(told) >= events(held)) this.#totals.set(told.startMs, told);
    }
    const starts = [...this.#totals.keys()].toSorted((a, b) => a - b);
    for (const startMs of starts.slice(0, -HISTORY_SLICES)) this.#totals.delete(startMs);
  }

  /** Of another grid nothing can stay. */
  clear(): void {
    this.#totals = new Map();
  }
}

function toTotals(row: SliceRow): SliceTotals {
  return {
    startMs: Date.parse(row.slice),
    users: row.unique_users,
    clicks: row.clicks,
    impressions: row.impressions,
  };
}

function events({ clicks, impressions }: SliceTotals): number {
  return clicks + impressions;
}
