/** What a process has used so far, as Linux tells. */
import { readdirSync, readFileSync } from "node:fs";

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

/** The memory that it has, in MiB. */
export function memoryMiB(pid: number): number {
  return statusMiB(pid, /VmRSS:\s+(\d+)/);
}

/** The most memory that it had at a time, in MiB. */
export function peakMemoryMiB(pid: number): number {
  return statusMiB(pid, /VmHWM:\s+(\d+)/);
}

function statusMiB(pid: number, line: RegExp): number {
  const [, kiB] = line.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  // A process that has ended and was not waited for has no memory.
  return Math.round(Number(kiB ?? 0) / KIB_PER_MIB);
}
