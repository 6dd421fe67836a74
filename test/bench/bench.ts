/**
 * `npm run bench`: each case and what it is held against in turn, round after round on the same machine, so that what disturbs
 * one disturbs both; what counts is the median of the rounds' ratios. Ends with code 1 if a ratio is below its target, or any
 * answer was not a 2xx.
 *
 * Options: `--rounds N` (5), `--seconds N` a measurement (3), `--only TEXT` cases with that in their names, `--json`.
 */
import { parseArgs } from "node:util";
import { runBatches } from "./batches/batches.ts";
import { startWeir } from "./servers.ts";
import { runSingles } from "./singles.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const weir = await startWeir();
try {
  const singles = await runSingles(weir, rounds, seconds, values.only);
  if (!values.json) console.table(singles);
  const batches = await runBatches(weir, rounds, seconds, values.only);
  if (values.json) console.log(JSON.stringify({ rounds, seconds, singles, batches }, null, 2));
  else console.table(batches);
  const all = [...singles, ...batches];
  const isGood = all.every(({ ratio, target = 0, failures }) => ratio >= target && failures === 0);
  process.exitCode = all.length > 0 && isGood ? 0 : 1;
} finally {
  await weir.stop();
}
