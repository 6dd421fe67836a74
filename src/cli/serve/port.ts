/** Whether a server may listen there: asked before the slow build, so that a taken port is said at once. */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "./refusal.ts";

/** A server that was just killed may take this long to be gone. */
const PATIENCE_MS = 3_000;
const RETRY_MS = 50;

export async function requireFreePort(host: string, port: number): Promise<void> {
  for (const giveUpMs = Date.now() + PATIENCE_MS; ;) {
    const code = await tryListen(host, port);
    if (code === undefined) return;
    if (code !== "EADDRINUSE") throw new Refusal(`Can't listen on ${host} port ${port} (${code}): set HOST or PORT.`);
    if (Date.now() > giveUpMs) {
      throw new Refusal(
        `Port ${port} is taken: stop what listens there, or set PORT to another, e.g. PORT=${port + 1}.`,
      );
    }
    await sleep(RETRY_MS);
  }
}

/** The code of the error it fails with. */
async function tryListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((done) => {
    server.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
