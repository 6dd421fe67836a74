/**
 * What growth costs: the same request to something of 1,000 entries and to something of 1,000,000, through the whole
 * server, by turns, so that the machine's moods hit both; what counts is the ratio of the medians.
 * `node test/bench/growth.ts [feature]`
 */
import type { BenchRequest } from "./bench-request.ts";
import { growthCases } from "./growth-cases.ts";
import type { GrowthCase } from "./growth-cases.ts";
import { median } from "./measure.ts";
import { startWeir } from "./servers.ts";

const SMALL = 1_000;
const LARGE = 1_000_000;
const ROUNDS = 200;

const [only = ""] = process.argv.slice(2);
const weir = await startWeir();
const table: Readonly<Record<string, string | number>>[] = [];
try {
  for (const growthCase of growthCases.filter(({ thing }) => thing.includes(only))) await measure(growthCase);
} finally {
  await weir.stop();
}
console.table(table);

async function measure({ thing, fill, asks }: GrowthCase): Promise<void> {
  await sendAll(fill("large", LARGE));
  for (const [at, { what, adds, ask }] of asks.entries()) {
    const times: { readonly small: number[]; readonly large: number[] } = { small: [], large: [] };
    let small = "";
    for (let round = 0; round < ROUNDS; round++) {
      // Before the small one has grown by a half, another takes its place.
      if (round === 0 || (adds > 0 && (round * adds) % (SMALL / 2) === 0)) {
        small = `small-${at}-${round}`;
        await sendAll(fill(small, SMALL));
      }
      times.small.push(await timed(ask(small, SMALL)));
      times.large.push(await timed(ask("large", LARGE)));
    }
    const [atSmall, atLarge] = [median(times.small), median(times.large)];
    const ratio = (atLarge / atSmall).toFixed(2);
    table.push({ thing, request: what, "ms at 1,000": atSmall.toFixed(2), "at 1,000,000": atLarge.toFixed(2), ratio });
  }
}

async function sendAll(requests: Iterable<BenchRequest>): Promise<void> {
  for (const request of requests) await timed(request);
}

/** How long it took, in ms. */
async function timed({ path, ...init }: BenchRequest): Promise<number> {
  const startMs = performance.now();
  const response = await fetch(weir.url + path, init);
  const text = await response.text();
  const ms = performance.now() - startMs;
  if (!response.ok) throw new Error(text);
  return ms;
}
