/** What is counted of a slice. Shards hold different users, so the totals of a slice are the sums over its shards. */

export interface Totals {
  readonly uniqueUsers: number;
  readonly clicks: number;
  readonly impressions: number;
  /** Events that came after sealing; they are among the clicks and impressions, but their users are not counted. */
  readonly late: number;
}

export const NO_TOTALS: Totals = { uniqueUsers: 0, clicks: 0, impressions: 0, late: 0 };

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    uniqueUsers: a.uniqueUsers + b.uniqueUsers,
    clicks: a.clicks + b.clicks,
    impressions: a.impressions + b.impressions,
    late: a.late + b.late,
  };
}

/**
 * The number of events counted. It grows with everything that changes the totals, so of two totals of the same thing the
 * newer is the one with more events.
 */
export function eventsIn({ clicks, impressions }: Totals): number {
  return clicks + impressions;
}
