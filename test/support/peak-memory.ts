/** The most memory that a process had at once, as the operating system saw it. Linux only; elsewhere nothing is known. */
import { readFileSync, writeFileSync } from "node:fs";

/** In MiB; `undefined` where it can't be known, also once the process is gone. */
export function peakMib(pid: number | undefined): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

/** From now on the peak counts from what the process has now. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Then the peak is that of its whole life.
  }
}
