/**
 * How long the answers about a tenant of 1,000 items take, and about one of 1,000,000, through the whole server, as a
 * table: `node test/bench/counters/ack-latency.ts`. The two are asked by turns, so that the machine's moods hit both, and
 * what counts is the ratio of the medians.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "../../../src/cli/serve/server.ts";
import { bundleWorker } from "../../../src/cli/serve/worker-bundle.ts";

const SMALL = 1_000;
const LARGE = 1_000_000;
const BATCH_MAX = 10_000;
const ROUNDS = 200;

const root = fileURLToPath(new URL("../../../", import.meta.url));

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-ack-latency-"));
  const [bundleDir, objectsDir] = [join(dataDir, "bundle"), join(dataDir, "objects")];
  mkdirSync(objectsDir);
  await bundleWorker(root, bundleDir);
  const server = await startServer({
    configPath: `${root}wrangler.toml`,
    bundleDir,
    dataDir,
    objectsDir,
    host: "127.0.0.1",
    port: 0,
    settings: { AUTH_MODE: "open" },
    loud: false,
  });
  try {
    for (const order of ["random", "ordered"] as const) await compare(server.url, order);
  } finally {
    await server.process.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

type Order = keyof typeof idsOf;

async function compare(url: string, order: Order): Promise<void> {
  const post = async (tenant: string, ids: readonly string[]): Promise<void> => {
    const body = JSON.stringify(ids.map((id) => ({ id, tenant })));
    const answer = await fetch(`${url}/items`, { method: "POST", body });
    if (answer.status !== 200) throw new Error(await answer.text());
    await answer.arrayBuffer();
  };
  const count = async (tenant: string): Promise<void> => {
    await (await fetch(`${url}/items/${tenant}/count`)).arrayBuffer();
  };

  const large = `${order}-large`;
  for (let filled = 0; filled < LARGE; filled += BATCH_MAX) await post(large, idsOf[order](BATCH_MAX));
  console.log(`\nids ${order}; medians in ms at ${SMALL} and at ${LARGE} items:`);
  await measure("GET count", order, post, large, 0, count);
  for (const batch of [1, 10, 100]) {
    await measure(`POST ${batch} new`, order, post, large, batch, (tenant) => post(tenant, idsOf[order](batch)));
  }
}

async function measure(
  what: string,
  order: Order,
  fill: (tenant: string, ids: readonly string[]) => Promise<void>,
  large: string,
  itemsEach: number,
  ask: (tenant: string) => Promise<void>,
): Promise<void> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  let small = "";
  for (let round = 0; round < ROUNDS; round++) {
    // Before the small tenant has grown by a half, another takes its place.
    if ((round * itemsEach) % (SMALL / 2) === 0) {
      small = `${order}-${randomUUID()}`;
      await fill(small, idsOf[order](SMALL));
    }
    times.small.push(await timed(() => ask(small)));
    times.large.push(await timed(() => ask(large)));
  }
  const [atSmall, atLarge] = [median(times.small), median(times.large)];
  const ratio = (atLarge / atSmall).toFixed(2);
  console.log(
    `${what.padEnd(14)} ${atSmall.toFixed(2).padStart(7)} ${atLarge.toFixed(2).padStart(7)}   ratio ${ratio}`,
  );
}

let ordered = 0;

/** Ids as senders make them: random ones, or such that grow with time, as order numbers do. */
const idsOf = {
  random: (count: number): readonly string[] => Array.from({ length: count }, () => randomUUID()),
  ordered: (count: number): readonly string[] =>
    Array.from({ length: count }, () => `order-${String((ordered += 1)).padStart(30, "0")}`),
};

async function timed(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
}

await main();
