/**
 * What each feature costs in rows and in processor time, through the whole server: `node test/bench/row-cost.ts [feature]`.
 *
 * Rows are those the platform bills, as the databases of all objects report them; they are exact and don't depend on the
 * machine. Time is the runtime's processor time, and compares within one run only. Requests and duration are not included,
 * nor are alarms, of which an object sets one in a long time.
 */
import { processorMs } from "../support/process-usage.ts";
import { rowCases } from "./row-cases.ts";
import type { RowCase } from "./row-cases.ts";
import { startWeir } from "./servers.ts";

const MILLION = 1_000_000;
/** List prices in US$ for a million rows. */
const WRITTEN_USD = 1;
const READ_USD = 0.001;

const [only = ""] = process.argv.slice(2);
const weir = await startWeir({ metered: true });
const table: Readonly<Record<string, string | number>>[] = [];
try {
  for (const rowCase of rowCases.filter(({ what }) => what.includes(only))) table.push(await measure(rowCase));
} finally {
  await weir.stop();
}
console.table(table);

async function measure({ what, batch, entries, before, send }: RowCase) {
  for (const request of before?.() ?? []) await answered(request.path, request);
  await rows();
  const startMs = processorMs(weir.pid);
  for (let sent = 0; sent < entries; sent += batch) {
    const request = send(sent, Math.min(batch, entries - sent));
    await answered(request.path, request);
  }
  const cpuMs = processorMs(weir.pid) - startMs;
  const { read, written } = await rows();
  const perMillion = (count: number) => Math.round((count * MILLION) / entries);
  const usd = (perMillion(written) * WRITTEN_USD + perMillion(read) * READ_USD) / MILLION;
  return {
    "a million": what,
    "in batches of": batch,
    measured: entries,
    "rows written": perMillion(written),
    "rows read": perMillion(read),
    US$: usd.toFixed(4),
    "us of CPU each": ((cpuMs * 1000) / entries).toFixed(1),
  };
}

async function rows(): Promise<{ readonly read: number; readonly written: number }> {
  return (await answered("/rows", {})) as { readonly read: number; readonly written: number };
}

async function answered(path: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(weir.url + path, init);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
