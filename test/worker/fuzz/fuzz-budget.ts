/**
 * How much is tried. In every run of the tests the same cases, few enough for their time; by hand as long as one likes:
 * `WEIR_FUZZ_S=60 npm run vitest -- fuzz` goes on for that many seconds with cases that nobody has seen, and
 * `WEIR_FUZZ_SEED` repeats those of a seed that was printed.
 */
import * as fc from "fast-check";
import { inject } from "vitest";
import type { FuzzSetting } from "../../support/fuzz-setting.ts";

const { seconds, seed }: FuzzSetting = inject("fuzz");
export const isSoak = seconds > 0;
/** What a test may take in all. */
export const FUZZ_TIMEOUT_MS = 60_000 + 3_000 * seconds;

/** Runs `property` on `runs` cases, or in a soak for `share` of its seconds. */
export async function explore<T>(property: fc.IAsyncProperty<T>, runs: number, share: number): Promise<void> {
  const untilMs = Date.now() + seconds * 1_000 * share;
  let round = 0;
  do {
    await fc.assert(property, { seed: seed + round, numRuns: runs });
    round += 1;
  } while (Date.now() < untilMs);
}

export function fuzzSeed(): number {
  return seed;
}
