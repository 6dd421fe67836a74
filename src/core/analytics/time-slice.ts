/**
 * Time slices: the half-open intervals `[first + k * sliceMs, first + (k + 1) * sliceMs)` for every whole k, also
 * negative. Each instant lies in exactly one. All in milliseconds since the Unix epoch; there are no time zones here.
 */

/** Where slices begin and how long they are. */
export interface SliceGrid {
  readonly sliceMs: number;
  /** The start of some slice; the others lie whole slices away from it, before and after. */
  readonly firstSlice: number;
}

/** The greatest timestamp of the contract, which is the last instant that a JavaScript date can hold. */
export const TIMESTAMP_MS_MAX = 8.64e15;

export const SLICE_MS_MIN = 1_000;
export const SLICE_MS_MAX = 366 * 86_400_000;

/**
 * The start of the slice that holds `timestamp`. Exact for all timestamps of the contract: a remainder of whole numbers
 * below 2^53 is exact, while a quotient of such numbers is rounded and may end up in the next slice.
 */
export function sliceStart({ sliceMs, firstSlice }: SliceGrid, timestamp: number): number {
  const into = (timestamp - firstSlice) % sliceMs;
  return timestamp - (into < 0 ? into + sliceMs : into);
}

export function isSliceStart(grid: SliceGrid, timestamp: number): boolean {
  return sliceStart(grid, timestamp) === timestamp;
}

/** The first start of a slice that is not before `timestamp`. */
export function sliceStartFrom(grid: SliceGrid, timestamp: number): number {
  const start = sliceStart(grid, timestamp);
  return start === timestamp ? start : start + grid.sliceMs;
}
