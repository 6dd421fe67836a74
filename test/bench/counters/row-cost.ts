/**
 * What counting costs in rows, bytes and time, as a table: `node test/bench/counters/row-cost.ts`.
 *
 * Rows are those the platform bills, as the database itself reports them; they are exact and don't depend on the machine.
 * Time is the runtime's processor time, and compares within one run only. The table is kept in the order of its ids, so
 * random ids are its worst case: each touches a page of its own.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { workerdConfig } from "../../../src/cli/serve/workerd-config.ts";
import { WorkerdProcess } from "../../../src/cli/serve/workerd-process.ts";

export interface RowCost {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly bytes: number;
  readonly count: number;
}

const ITEMS = 100_000;
const MILLION = 1_000_000;
/** List prices in US$ for a million rows. */
const WRITTEN_USD = 1;
const READ_USD = 0.001;
/** Of Linux, in which a process's times are counted. */
const TICK_MS = 10;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "weir-row-cost-"));
  const runtime = await start(folder);
  const port = await runtime.listening;
  try {
    const observe = async (tenant: string, ids: readonly string[]): Promise<RowCost> => {
      const answer = await fetch(`http://127.0.0.1:${port}/${tenant}`, { method: "POST", body: JSON.stringify(ids) });
      return (await answer.json()) as RowCost;
    };
    const cpuMs = () => processorMs(runtime.pid ?? 0);
    await perMillion(observe, cpuMs);
    await byTableSize(observe, cpuMs);
  } finally {
    await runtime.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Observe = (tenant: string, ids: readonly string[]) => Promise<RowCost>;

async function perMillion(observe: Observe, cpuMs: () => number): Promise<void> {
  for (const batch of [1, 100, 10_000]) {
    const items = batch === 1 ? ITEMS / 10 : ITEMS;
    console.log(`\nIn batches of ${batch}, measured with ${items} items, times ${MILLION / items}:`);
    const ids = idsOf.random(items);
    for (const what of ["new", "duplicates"]) {
      const before = cpuMs();
      const cost = await observeAll(observe, `rows-${batch}`, ids, batch);
      const ms = cpuMs() - before;
      const [written, read] = [cost.rowsWritten, cost.rowsRead].map((rows) => (rows * MILLION) / items) as [
        number,
        number,
      ];
      const usd = (written * WRITTEN_USD + read * READ_USD) / MILLION;
      const bytes = Math.round(cost.bytes / items);
      print({
        what,
        "rows written": written,
        "rows read": read,
        US$: usd.toFixed(4),
        "us/item": us(ms, items),
        "bytes/item": bytes,
      });
    }
  }
}

/** The same batches on a small table and on a large one, by turns, so that the machine's moods hit both. */
async function byTableSize(observe: Observe, cpuMs: () => number): Promise<void> {
  const [small, large] = [1_000, MILLION];
  for (const order of ["random", "ordered"] as const) {
    console.log(`\nAt ${small} and at ${large} items, ids ${order}:`);
    const known = idsOf[order](large);
    await observeAll(observe, `large-${order}`, known, 10_000);
    for (const [batch, rounds] of [
      [1, 2_000],
      [100, 100],
    ] as const) {
      for (const what of ["new", "duplicates"] as const) {
        const sums = { small: { ms: 0, rows: 0 }, large: { ms: 0, rows: 0 } };
        let [tenant, knownToSmall]: [string, readonly string[]] = ["", []];
        for (let round = 0; round < rounds; round++) {
          // New items make the small table grow, so another one takes its place in time.
          if ((round * batch) % small === 0) {
            tenant = `small-${order}-${batch}-${what}-${round}`;
            knownToSmall = idsOf[order](small);
            await observe(tenant, knownToSmall);
          }
          const fresh = idsOf[order](batch);
          for (const [size, name, ids] of [
            ["small", tenant, knownToSmall],
            ["large", `large-${order}`, known],
          ] as const) {
            const from = Math.floor(Math.random() * (ids.length - batch));
            const before = cpuMs();
            const cost = await observe(name, what === "new" ? fresh : ids.slice(from, from + batch));
            sums[size].ms += cpuMs() - before;
            sums[size].rows += cost.rowsWritten + cost.rowsRead;
          }
        }
        const items = batch * rounds;
        print({
          batch,
          what,
          "rows/item at small": sums.small.rows / items,
          "rows/item at large": sums.large.rows / items,
          "us/item at small": us(sums.small.ms, items),
          "us/item at large": us(sums.large.ms, items),
          ratio: (sums.large.ms / sums.small.ms).toFixed(2),
        });
      }
    }
  }
}

async function observeAll(observe: Observe, tenant: string, ids: readonly string[], batch: number): Promise<RowCost> {
  let [rowsRead, rowsWritten] = [0, 0];
  let last: RowCost | undefined;
  for (let from = 0; from < ids.length; from += batch) {
    last = await observe(tenant, ids.slice(from, from + batch));
    rowsRead += last.rowsRead;
    rowsWritten += last.rowsWritten;
  }
  return { bytes: last?.bytes ?? 0, count: last?.count ?? 0, rowsRead, rowsWritten };
}

async function start(folder: string): Promise<WorkerdProcess> {
  const outfile = join(folder, "worker.js");
  await build({
    entryPoints: [join(import.meta.dirname, "row-cost-worker.ts")],
    bundle: true,
    format: "esm",
    external: ["cloudflare:workers"],
    outfile,
  });
  const objectsDir = join(folder, "objects");
  mkdirSync(objectsDir);
  const config = workerdConfig(
    {
      name: "row-cost",
      compatibility_date: "2026-10-01",
      compatibility_flags: [],
      durable_objects: { bindings: [{ name: "TENANTS", class_name: "MeasuredTenant" }] },
      exports: { MeasuredTenant: { type: "durable-object", storage: "sqlite" } },
    },
    [{ name: "worker.js", kind: "esModule" }],
    [],
  );
  return new WorkerdProcess({
    config,
    configPath: join(folder, "server.capnp"),
    bundleDir: folder,
    objectsDir,
    host: "127.0.0.1",
    port: 0,
    environment: {},
    loud: false,
  });
}

/** Processor time of a process and its threads so far. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

let ordered = 0;

/** Ids as senders make them: random ones, or such that grow with time, as order numbers do. */
const idsOf = {
  random: (count: number): readonly string[] => Array.from({ length: count }, () => randomUUID()),
  ordered: (count: number): readonly string[] =>
    Array.from({ length: count }, () => `order-${String((ordered += 1)).padStart(30, "0")}`),
};

function us(ms: number, items: number): string {
  return ((ms * 1000) / items).toFixed(1);
}

function print(figures: Readonly<Record<string, string | number>>): void {
  console.log(
    Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join("   "),
  );
}

await main();
