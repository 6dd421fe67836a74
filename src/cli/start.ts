/**
 * `npm start`: builds the page and the Worker and serves them from durable local storage until told to stop. Ends with
 * code 0 if it was told to, 1 if it could not start or the runtime died.
 */
import { fileURLToPath } from "node:url";
import { DataFolder } from "./serve/data-folder.ts";
import { requireFreePort } from "./serve/port.ts";
import { Refusal } from "./serve/refusal.ts";
import { startServer } from "./serve/server.ts";
import { readPlace, readSettings } from "./serve/settings.ts";
import { welcome } from "./serve/welcome.ts";
import { bundleWorker } from "./serve/worker-bundle.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const configPath = `${root}wrangler.toml`;
const PARENT_CHECK_MS = 250;

/** Resolves when a person, a supervisor or a closing terminal wants the server to stop. */
async function toldToStop(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => done());
    // Under `npm start`, whoever kills npm outright means this process too.
    const parent = process.ppid;
    if (process.env["npm_lifecycle_event"] === undefined) return;
    setInterval(() => process.ppid !== parent && done(), PARENT_CHECK_MS).unref();
  });
}

async function main(): Promise<number> {
  const stopping = toldToStop();
  const { host, port, dataDir } = readPlace(root, process.env);
  const settings = readSettings(configPath, process.env);
  await requireFreePort(host, port);
  const folder = await DataFolder.open(dataDir);

  const giveUp = new AbortController();
  const starting = (async () => {
    await bundleWorker(root, folder.bundleDir, giveUp.signal);
    const { bundleDir, objectsDir } = folder;
    return startServer({ configPath, bundleDir, dataDir, objectsDir, host, port, settings, loud: true });
  })();
  const server = await Promise.race([starting, stopping]);
  if (server === undefined) {
    giveUp.abort();
    return 0;
  }
  console.log(welcome(server, host, settings));

  const exit = await Promise.race([server.process.exited, stopping]);
  if (exit === undefined) {
    await server.process.stop();
    return 0;
  }
  console.error(
    `The server died (${exit.signal ?? `code ${exit.code}`}). Run npm start again: what it acknowledged is kept.`,
  );
  return 1;
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exit(1);
}
