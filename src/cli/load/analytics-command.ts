/** `weir load analytics`: records events of users of chance, some of them late, and checks that every slice is exact. */
import { defineCommand } from "citty";
import { interruption } from "../interruption.ts";
import { showProgress } from "../progress.ts";
import { AnalyticsLoad } from "./analytics-load.ts";
import type { AnalyticsLoadStats, WrongSlice } from "./analytics-load.ts";
import { analyticsLoadArguments, parseAnalyticsLoadOptions } from "./analytics-options.ts";

/** Listed when something is wrong; more would not tell more. */
const WRONG_SHOWN_MAX = 10;

export const analyticsCommand = defineCommand({
  meta: { description: "Record events, some of them late, and check that every slice is exact" },
  args: analyticsLoadArguments,
  async run({ args }) {
    const options = parseAnalyticsLoadOptions(args);
    const interrupted = interruption();
    const load = new AnalyticsLoad(options);
    await load.prepare();
    const startMs = performance.now();
    const endProgress = showProgress({
      done: () => load.stats.acknowledged / options.events,
      describe: () => statsText(load.stats),
    });
    await load.run(interrupted);
    endProgress();
    const seconds = (performance.now() - startMs) / 1000;
    const wrong = await load.judge();
    report(load, wrong, seconds, options.seed);
    const outcome = { seed: options.seed, site: load.site, ...load.stats, slices: load.slices, wrong, seconds };
    if (options.json) console.log(JSON.stringify({ ...outcome, ok: wrong.length === 0 }));
    process.exitCode = wrong.length === 0 ? 0 : 1;
  },
});

function report(load: AnalyticsLoad, wrong: readonly WrongSlice[], seconds: number, seed: number): void {
  const exact = `${load.slices - wrong.length}/${load.slices} slices exact`;
  console.log(`analytics: ${statsText(load.stats)}, ${exact}, ${seconds.toFixed(1)} s, seed ${seed}`);
  for (const { slice, answered, expected } of wrong.slice(0, WRONG_SHOWN_MAX)) {
    console.log(`  wrong: ${slice} has users, clicks, impressions ${answered.join(", ")}, not ${expected.join(", ")}`);
  }
}

function statsText({ acknowledged, late, requests, cuts }: AnalyticsLoadStats): string {
  return `${acknowledged} acked, ${late} late, ${requests} requests, ${cuts} cut`;
}
