/** Whether a server may listen there: asked before the slow build, so that a taken port is said at once. */
import { createServer } from "node:net";
import { patiently } from "./patience.ts";
import { Refusal } from "./refusal.ts";

export async function requireFreePort(host: string, port: number): Promise<void> {
  const isFree = await patiently(async () => {
    const code = await tryListen(host, port);
    if (code === undefined) return true;
    if (code === "EADDRINUSE") return undefined;
    throw new Refusal(`Can't listen on ${host} port ${port} (${code}): set HOST or PORT.`);
  });
  if (isFree !== undefined) return;
  throw new Refusal(`Port ${port} is taken: stop what listens there, or set PORT to another, e.g. PORT=${port + 1}.`);
}

/** The code of the error it fails with. */
async function tryListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((done) => {
    server.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
