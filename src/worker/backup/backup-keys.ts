/**
 * What lies where in the bucket. A thing is one export in parts, a page each, whose keys are in the order of the parts; put
 * together they are the file that `weir import` takes. Each inventory ends its run with a report.
 */
import type { Thing } from "./inventory-store.ts";

const DIGITS = 8;

/** By time, as in `2026-11-21T03-17-00Z`. Keys of later runs are greater. */
export function runAt(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "").replaceAll(":", "-");
}

export function partsPrefix(run: string, { feature, name }: Thing): string {
  return `${run}/${feature}/${encodeURIComponent(name)}/`;
}

export function partKey(run: string, thing: Thing, part: number): string {
  return `${partsPrefix(run, thing)}${String(part).padStart(DIGITS, "0")}.ndjson`;
}

export function reportKey(run: string, shard: number): string {
  return `${run}/report-${shard}.json`;
}

export function reportPrefix(run: string): string {
  return `${run}/report-`;
}
