/** `npm start` as a process, for tests that look at how it starts and ends. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";

export interface StartProcess {
  readonly child: ChildProcess;
  /** What it printed so far, on both streams. */
  output(): string;
  /** Resolves with the code, or the signal it died of. */
  readonly ended: Promise<number | string>;
  /** Resolves once it said where it listens. */
  url(): Promise<string>;
  /** The runtime's process id, while it runs. */
  runtimePid(): number;
}

/** @param command what runs it; by default Node itself, as npm would */
export function start(
  env: Readonly<Record<string, string>>,
  command: readonly [string, ...string[]] = [process.execPath, "src/cli/start.ts"],
): StartProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const said = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const url = /Weir is up: (\S+)\/\n/.exec(output)?.[1];
      if (url !== undefined) said.resolve(url);
    });
  }
  const ended = new Promise<number | string>((done) => {
    child.on("close", (code, signal) => done(code ?? signal ?? "nothing"));
  });
  void ended.then((end) => said.reject(new Error(`It ended (${end}) before it was up:\n${output}`)));
  said.promise.catch(() => {});
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  return {
    child,
    output: () => output,
    ended,
    url: () => said.promise,
    runtimePid: () => childNamed(child.pid!, "workerd"),
  };
}

function childNamed(pid: number, name: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  const found = children.find((child) => readFileSync(`/proc/${child}/comm`, "utf8").trim() === name);
  if (found === undefined) throw new Error(`Process ${pid} has no child ${name}.`);
  return Number(found);
}
