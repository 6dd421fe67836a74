/** The two servers that are compared: Weir as it is built, and the least that a Worker can do, on the same runtime. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";
import { startServer } from "../../src/cli/serve/server.ts";
import { readSettings } from "../../src/cli/serve/settings.ts";
import { bundleWorker } from "../../src/cli/serve/worker-bundle.ts";
import { workerdConfig } from "../../src/cli/serve/workerd-config.ts";
import { WorkerdProcess } from "../../src/cli/serve/workerd-process.ts";
import { meteredEntry } from "./metered-entry.ts";

/** A request without a body is answered at once, one with a body when that has been read. */
const HELLO = `const hello = () => new Response("hello");
export default { fetch: (request) => (request.body === null ? hello() : request.text().then(hello)) };
`;
const COMPATIBILITY_DATE = "2026-10-01";

export interface BenchServer {
  readonly url: string;
  /** Of the runtime. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface WeirOptions {
  /** Whether `GET /rows` tells what its databases read and wrote. */
  readonly metered?: boolean;
  /** Settings beside those that every bench has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the Worker in `outDir`; by default as it is deployed. */
  readonly bundle?: (root: string, outDir: string) => Promise<unknown>;
}

export async function startWeir(options: WeirOptions = {}): Promise<BenchServer> {
  const { metered = false, env = {}, bundle = bundleWorker } = options;
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const dataDir = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const [bundleDir, objectsDir] = [join(dataDir, "bundle"), join(dataDir, "objects")];
  mkdirSync(objectsDir);
  await bundle(root, bundleDir);
  const configPath = `${root}wrangler.toml`;
  if (metered) {
    const { exports } = unstable_readConfig({ config: configPath }, { hideWarnings: true });
    renameSync(join(bundleDir, "index.js"), join(bundleDir, "weir.js"));
    writeFileSync(join(bundleDir, "index.js"), meteredEntry(Object.keys(exports ?? {})));
  }
  const settings = readSettings(configPath, { AUTH_MODE: "open", ...env });
  const place = { configPath, bundleDir, dataDir, objectsDir, host: "127.0.0.1", port: 0 };
  const server = await startServer({ ...place, settings, loud: false });
  return stoppable(server.url, server.process, dataDir);
}

/** A Worker that says hello: the floor of what any answer costs. */
export async function startFloor(): Promise<BenchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-floor-"));
  writeFileSync(join(dataDir, "index.js"), HELLO);
  const config = {
    name: "floor",
    compatibility_date: COMPATIBILITY_DATE,
    compatibility_flags: [],
    durable_objects: { bindings: [] },
    exports: {},
  };
  const runtime = new WorkerdProcess({
    config: workerdConfig(config, [{ name: "index.js", kind: "esModule" }], []),
    configPath: join(dataDir, "server.capnp"),
    bundleDir: dataDir,
    objectsDir: dataDir,
    host: "127.0.0.1",
    port: 0,
    environment: {},
    loud: false,
  });
  const port = await runtime.listening;
  if (port === undefined) throw new Error(`The floor did not start:\n${(await runtime.exited).said}`);
  return stoppable(`http://127.0.0.1:${port}`, runtime, dataDir);
}

function stoppable(url: string, runtime: WorkerdProcess, dataDir: string): BenchServer {
  return {
    url,
    pid: runtime.pid ?? 0,
    stop: async () => {
      await runtime.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
