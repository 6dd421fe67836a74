/** Processor time of a process and its threads so far, in ms. Linux only, in steps of a tick. */
import { readFileSync } from "node:fs";

const TICK_MS = 10;

export function processorMs(pid: number): number {
  // The name of the program, in parentheses, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
