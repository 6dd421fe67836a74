/** `weir gateway` as a process, on ports that the operating system chooses. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { onTestFinished } from "vitest";

export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly sourcePort: number;
  readonly userPort: number;
  /** What it has logged so far. */
  logged(): string;
  /** Resolves with its code, or the signal it died of. */
  readonly ended: Promise<number | string>;
}

/** Rejects with what it said if it ends before it listens. */
export async function startGatewayProcess(
  url: string,
  stream: string,
  words: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const ports = ["--source-port", "0", "--user-port", "0"];
  const args = ["src/cli/index.ts", "gateway", "--url", url, "--stream", stream, ...ports, ...words];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const listening = new Promise<RegExpExecArray>((resolve) => {
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      const match = /event sources on \S+:(\d+), users on \S+:(\d+)\n/.exec(stdout);
      if (match !== null) resolve(match);
    });
  });
  const match = await Promise.race([listening, ended]);
  if (typeof match !== "object") throw new Error(`The gateway ended with ${match}:\n${stderr}`);
  return {
    child,
    sourcePort: Number(match[1]),
    userPort: Number(match[2]),
    logged: () => stderr,
    ended,
  };
}
