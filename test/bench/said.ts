/** What a program says. */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/** The first line on stdout that matches; what follows is passed over. */
export async function said({ stdout, spawnfile }: ChildProcess, what: RegExp): Promise<RegExpExecArray> {
  if (stdout === null) throw new Error(`${spawnfile} has no stdout.`);
  for await (const line of createInterface(stdout)) {
    const match = what.exec(line);
    if (match !== null) return match;
  }
  throw new Error(`${spawnfile} ended without saying ${what.source}.`);
}
