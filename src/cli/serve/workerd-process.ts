/**
 * One run of the runtime. It never outlives this process: should this one be killed outright, a guard kills the runtime,
 * which is safe at any instant since whatever was acknowledged is on disk.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Refusal } from "./refusal.ts";
import { DISK_NAME, SOCKET_NAME } from "./workerd-config.ts";

/** Open live connections don't end by themselves, so the runtime isn't asked politely for long. */
const STOP_GRACE_MS = 1_000;
/** How much of what it last said is kept, in UTF-16 code units. */
const SAID_MAX = 4_096;

export interface WorkerdOptions {
  /** Text of the configuration, and where to write it for the runtime to read. */
  readonly config: string;
  readonly configPath: string;
  /** Where the configuration's modules are. */
  readonly bundleDir: string;
  readonly objectsDir: string;
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** The whole environment of the runtime. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether to pass on what it says; what it said last is kept anyway. */
  readonly loud: boolean;
}

export interface WorkerdExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it said. */
  readonly said: string;
}

export class WorkerdProcess {
  /** Resolves, never rejects, once it is gone. */
  readonly exited: Promise<WorkerdExit>;
  /** Where it listens; resolves with `undefined` if it dies before it does. */
  readonly listening: Promise<number | undefined>;
  readonly #child: ChildProcess;
  #said = "";

  constructor(options: WorkerdOptions) {
    writeFileSync(options.configPath, options.config);
    // In a session of its own, so that a Ctrl-C in the terminal reaches this process alone, which then stops it.
    const child = spawn(workerdPath(), workerdArguments(options), {
      detached: true,
      env: options.environment,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#child = child;
    for (const [stream, sink] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      stream?.on("data", (chunk: Buffer) => this.#hear(chunk));
      if (options.loud) stream?.pipe(sink);
    }

    const dismissGuard = guard(child);
    this.exited = new Promise((done) => {
      const gone = (code: number | null, signal: NodeJS.Signals | null): void => {
        dismissGuard();
        done({ code, signal, said: this.#said.trim() });
      };
      child.once("close", gone);
      child.once("error", (error) => {
        this.#said += error.message;
        gone(null, null);
      });
    });
    this.listening = listeningPort(child.stdio[3] as Readable, this.exited);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<WorkerdExit> {
    this.kill("SIGTERM");
    const impatience = setTimeout(() => this.kill("SIGKILL"), STOP_GRACE_MS);
    const exit = await this.exited;
    clearTimeout(impatience);
    return exit;
  }

  #hear(chunk: Buffer): void {
    this.#said = (this.#said + chunk.toString()).slice(-SAID_MAX);
  }
}

function workerdPath(): string {
  try {
    // The package's main module says where the binary of this platform is; it throws if there is none.
    const { default: path } = createRequire(import.meta.url)("workerd") as { readonly default: string };
    return path;
  } catch {
    throw new Refusal("The workerd binary is missing: run npm ci with optional packages and install scripts allowed.");
  }
}

function workerdArguments({ configPath, bundleDir, objectsDir, host, port }: WorkerdOptions): string[] {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return [
    "serve",
    `--import-path=${bundleDir}`,
    `--directory-path=${DISK_NAME}=${objectsDir}`,
    `--socket-addr=${SOCKET_NAME}=${address}`,
    "--control-fd=3",
    configPath,
  ];
}

/** The runtime reports each socket it listens on as a line of JSON. */
async function listeningPort(control: Readable, exited: Promise<unknown>): Promise<number | undefined> {
  const reported = new Promise<number>((done) => {
    createInterface(control).on("line", (line) => {
      const message = JSON.parse(line) as { readonly event?: string; readonly socket?: string; readonly port?: number };
      if (message.event === "listen" && message.socket === SOCKET_NAME && message.port !== undefined)
        done(message.port);
    });
  });
  return Promise.race([reported, exited.then(() => undefined)]);
}

/**
 * A shell that waits on a pipe from this process. A line on it dismisses the shell; its end, which comes with the end of
 * this process however it ends, makes the shell kill the runtime.
 */
function guard(child: ChildProcess): () => void {
  if (child.pid === undefined) return () => {};
  const shell = spawn("/bin/sh", ["-c", 'read -r line || kill -KILL "$1"', "sh", String(child.pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  return () => shell.stdin.end("dismissed\n");
}
