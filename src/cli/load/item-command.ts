/** `weir load items`: reports items, again and again and over failing connections, and checks that each counted once. */
import { defineCommand } from "citty";
import { interruption } from "../interruption.ts";
import { showProgress } from "../progress.ts";
import { ItemLoad } from "./item-load.ts";
import type { ItemLoadOutcome, ItemLoadStats } from "./item-load.ts";
import { itemLoadArguments, parseItemLoadOptions } from "./item-options.ts";
import type { ItemLoadOptions } from "./item-options.ts";

/** Listed when something is wrong; more would not tell more. */
const WRONG_SHOWN_MAX = 10;

export const itemsCommand = defineCommand({
  meta: { description: "Report items, each several times, and check that each counted once" },
  args: itemLoadArguments,
  async run({ args }) {
    const options = parseItemLoadOptions(args);
    const interrupted = interruption();
    const load = new ItemLoad(options);
    const [occupied] = await load.occupied();
    if (occupied !== undefined) {
      throw new Error(`Tenant ${occupied} holds items already. Use another --seed, or erase what this one has left.`);
    }
    const startMs = performance.now();
    const endProgress = showProgress({
      done: () => load.stats.acknowledged / load.total,
      describe: () => statsText(load.stats),
    });
    await load.run(interrupted);
    endProgress();
    const seconds = (performance.now() - startMs) / 1000;
    const outcome = await load.judge();
    report(options, load.stats, outcome, seconds);
    process.exitCode = outcome.wrong.length === 0 ? 0 : 1;
  },
});

function report(options: ItemLoadOptions, stats: ItemLoadStats, outcome: ItemLoadOutcome, seconds: number): void {
  const { tenants, seed, json } = options;
  const { wrong, counted } = outcome;
  const exact = `${tenants - wrong.length}/${tenants} tenants exact`;
  console.log(`items: ${statsText(stats)}, ${counted} counted, ${exact}, ${seconds.toFixed(1)} s, seed ${seed}`);
  for (const { tenant, count, expected } of wrong.slice(0, WRONG_SHOWN_MAX)) {
    console.log(`  wrong: ${tenant} counts ${count} and should count ${expected}`);
  }
  if (json) console.log(JSON.stringify({ seed, tenants, ...stats, counted, wrong, seconds, ok: wrong.length === 0 }));
}

function statsText({ acknowledged, requests, cuts, fresh }: ItemLoadStats): string {
  return `${acknowledged} acked, ${fresh} new, ${requests} requests, ${cuts} cut`;
}
