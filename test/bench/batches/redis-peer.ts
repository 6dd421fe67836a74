/**
 * What one would build otherwise: Node's http before Redis, which syncs each write to disk. Takes the same requests as Weir
 * and gives the verdicts. `node test/bench/batches/redis-peer.ts <socket of Redis>` says its port once it listens.
 *
 * - `POST /items`: a `SADD` for each item, all of a request in one pipeline; Redis answers which were new.
 * - `POST /sets/:set/ops`: two `ZADD GT` for each operation, one to the set of additions or removals, whose score is the
 *   timestamp, and one to the list by which clients catch up.
 */
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { createClient } from "@redis/client";

interface Item {
  readonly id: string;
  readonly tenant: string;
}

interface Op {
  readonly op: "add" | "remove";
  readonly element: string;
  readonly timestamp: number;
}

const redis = createClient({ socket: { path: process.argv[2] ?? "", tls: false } });
await redis.connect();

async function observe(items: readonly Item[]): Promise<object> {
  const added = await Promise.all(items.map(({ id, tenant }) => redis.sAdd(`items:${tenant}`, id)));
  const fresh = added.reduce((sum, count) => sum + count, 0);
  return { status: "success", new: fresh, duplicates: items.length - fresh };
}

async function apply(set: string, ops: readonly Op[]): Promise<object> {
  const applied = await Promise.all(
    ops.flatMap(({ op, element, timestamp }) => [
      redis.zAdd(`${op}:${set}`, { score: timestamp, value: element }, { comparison: "GT", CH: true }),
      redis.zAdd(`changes:${set}`, { score: timestamp, value: element }, { comparison: "GT" }),
    ]),
  );
  return { verdicts: ops.map((_, index) => (applied[2 * index] === 1 ? "applied" : "superseded")) };
}

async function answer(request: IncomingMessage): Promise<object> {
  const body = JSON.parse(await text(request)) as unknown;
  const [, thing = "", name = ""] = (request.url ?? "").split("/");
  if (thing === "items") return observe(body as readonly Item[]);
  return apply(name, (body as { readonly ops: readonly Op[] }).ops);
}

const server = createServer((request, response) => {
  answer(request).then(
    (value) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(value)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as AddressInfo).port}`));
