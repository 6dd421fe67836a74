/** A command that judges in the end how it went, and says it as JSON; in a process of its own, which goes with the test. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { onTestFinished } from "vitest";

/** What it said as JSON, its exit code, and the lines before. */
export type Judged<O> = O & { readonly code: number | null; readonly summary: string };

export interface JudgingCommand<O> {
  readonly process: ChildProcess;
  /** Rejects with all it said if it ends without a judgement. */
  readonly ended: Promise<Judged<O>>;
  isOver(): boolean;
}

/** @param words a command of the CLI, told to say it as JSON, and what it is given */
export function startJudging<O extends object>(words: readonly string[]): JudgingCommand<O> {
  const child = spawn(process.execPath, ["src/cli/index.ts", ...words]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  let isOver = false;
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const judge = async (): Promise<Judged<O>> => {
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    isOver = true;
    const lines = stdout.trim().split("\n");
    const json = lines.at(-1);
    if (json?.startsWith("{") !== true) throw new Error(`${words[0]} ended with ${code}:\n${stdout}\n${stderr}`);
    return { ...(JSON.parse(json) as O), code, summary: lines.slice(0, -1).join("\n") };
  };
  const ended = judge();
  // Whoever is interested awaits it, which may be later than it ends.
  ended.catch(() => {});
  return { process: child, ended, isOver: () => isOver };
}
