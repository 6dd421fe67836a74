/**
 * Stands in for a server that holds a great deal: exports records that it makes as they are taken, and takes any import. So
 * what a command needs can be measured at any size in the time that the command takes.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { nodeHash64 } from "../../src/cli/transfer/node-hash64.ts";
import { formatDigest } from "../../src/core/sets/digest.ts";
import { addLine } from "../../src/core/transfer/line-digest.ts";

const PAGE_BYTES = 250_000;

export interface StandIn {
  readonly url: string;
  /** Of the bodies of imports so far. */
  readonly bytesTaken: () => number;
}

/** @param records lines, made anew for each export */
export async function startStandIn(feature: string, name: string, records: () => Iterable<string>): Promise<StandIn> {
  let bytesTaken = 0;
  const takeImport = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let last = Buffer.alloc(0);
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytesTaken += chunk.length;
      last = Buffer.concat([last, chunk]).subarray(-1_000);
    }
    const answer = { taken: 0, identical: last.includes('{"weir":"end"') ? true : null };
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer));
  };
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" });
      Readable.from(pages(feature, name, records()), { highWaterMark: 1 }).pipe(response);
    } else {
      void takeImport(request, response);
    }
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bytesTaken: () => bytesTaken };
}

function* pages(feature: string, name: string, records: Iterable<string>): Generator<Buffer> {
  const id = "00000000000000ab";
  let [page, bytes, count, digest] = [[JSON.stringify({ weir: "export", version: 1, feature, name, id })], 0, 0, 0n];
  for (const line of records) {
    if (bytes > PAGE_BYTES) {
      yield toBytes([...page, JSON.stringify({ weir: "cursor", cursor: String(count), done: 0.5 })]);
      [page, bytes] = [[], 0];
    }
    page.push(line);
    bytes += line.length;
    count += 1;
    digest = addLine(digest, Buffer.from(line), nodeHash64);
  }
  const end = { weir: "end", id, records: count, digest: formatDigest(digest), state: { count } };
  yield toBytes([...page, JSON.stringify(end)]);
}

function toBytes(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\n")}\n`);
}
