/** Starts Redis, with a folder of its own and on no port, and the peer in front of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { said } from "../said.ts";

export interface Peer {
  readonly url: string;
  /** Of all processes that do its work. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const READY = /ready to accept connections/i;
const PEER = "test/bench/batches/redis-peer.ts";

export async function startPeer(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), "weir-peer-"));
  const socket = join(folder, "redis.sock");
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const redis = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", folder, ...durable]);
  redis.on("error", (error) => {
    console.error(`The peer needs redis-server, which can't be started: ${error.message}`);
    process.exit(1);
  });
  await said(redis, READY);
  const node = spawn(process.execPath, [PEER, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const [, port] = await said(node, /^port (\d+)$/);
  return {
    url: `http://127.0.0.1:${port}`,
    pids: [redis, node].map(({ pid }) => pid ?? 0),
    stop: async () => {
      for (const child of [node, redis]) {
        child.kill();
        if (child.exitCode === null) await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
