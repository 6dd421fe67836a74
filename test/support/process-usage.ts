/** What a process has used so far, as Linux tells. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const NS_PER_MS = 1e6;
const KIB_PER_MIB = 1024;

/**
 * Processor time of the threads that it has, in ms: what the scheduler has given them, which is finer than the ticks of
 * `stat`. Of threads that ended nothing is told.
 */
export function processorMs(pid: number): number {
  const threads = `/proc/${pid}/task`;
  const ns = readdirSync(threads).map((id) => Number(readFileSync(`${threads}/${id}/schedstat`, "utf8").split(" ")[0]));
  return ns.reduce((sum, each) => sum + each, 0) / NS_PER_MS;
}

/** The most memory that it had at a time, in MiB; 0 once it has ended. */
export function peakMemoryMiB(pid: number): number {
  try {
    const [, kiB] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Math.round(Number(kiB ?? 0) / KIB_PER_MIB);
  } catch {
    return 0;
  }
}

/** From now on the peak counts from what the process has now. */
export function forgetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}
