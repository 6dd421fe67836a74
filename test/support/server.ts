/**
 * Real servers for tests: the runtime with the Worker that was built once for this run, each on data of its own, to be
 * killed and restarted at will.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import { startServer as serve } from "../../src/cli/serve/server.ts";
import type { Server } from "../../src/cli/serve/server.ts";
import { readSettings } from "../../src/cli/serve/settings.ts";

const CONFIG_PATH = "wrangler.toml";

export interface TestServerOptions {
  /** A folder that outlives the server; by default one that goes with the test. */
  readonly data?: string;
  /** By default one that the operating system chooses; a restart keeps it. */
  readonly port?: number;
  /** The folder of another Worker than the one that was built for this run. */
  readonly bundleDir?: string;
  /** Settings such as `AUTH_MODE`. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Of the runtime itself; another after a restart. */
  readonly pid: number;
  /** Resolves when it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
  /** On the same data and port; ends the runtime first if it still runs. */
  restart(): Promise<void>;
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Call it in a test, or give `data` and stop it yourself. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = options.data ?? temporaryFolder();
  const objectsDir = join(dataDir, "objects");
  mkdirSync(objectsDir, { recursive: true });
  const start = async (port: number): Promise<Server> =>
    serve({
      configPath: CONFIG_PATH,
      bundleDir: options.bundleDir ?? inject("bundleDir"),
      dataDir,
      objectsDir,
      host: "127.0.0.1",
      port,
      settings: readSettings(CONFIG_PATH, { ...options.env }),
      loud: false,
    });

  let server = await start(options.port ?? 0);
  const { url, port } = server;
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    server.process.kill(signal);
    await server.process.exited;
  };
  const stop = async (): Promise<void> => {
    await server.process.stop();
  };
  if (options.data === undefined) onTestFinished(stop);
  return {
    url,
    port,
    get pid() {
      return server.process.pid!;
    },
    kill,
    stop,
    restart: async () => {
      await stop();
      server = await start(port);
    },
  };
}
