/** Totals as clients get them: rows of JSON, and lines of text whose every byte is part of the contract. */
import type { Totals } from "../../core/analytics/totals.ts";
import type { SliceRow } from "../../protocol/analytics.ts";

/** @param start of the slice */
export function toRow(start: number, { uniqueUsers, clicks, impressions }: Totals): SliceRow {
  return { slice: toIso(start), unique_users: uniqueUsers, clicks, impressions };
}

export function toLines({ uniqueUsers, clicks, impressions }: Totals): string {
  return `unique_users,${uniqueUsers}\nclicks,${clicks}\nimpressions,${impressions}\n`;
}

export function shardParagraph(shard: number, totals: Totals): string {
  return `worker,${shard}\n${toLines(totals)}\n`;
}

export function sliceParagraph(start: number, totals: Totals): string {
  return `slice,${toIso(start)}\n${toLines(totals)}\n`;
}

const MS_PER_S = 1_000;

/** How long others may go on giving this answer, which is as long as it may be old. */
export function cacheControl(maxStalenessMs: number): string {
  return maxStalenessMs === 0 ? "no-cache" : `max-age=${maxStalenessMs / MS_PER_S}`;
}

export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
