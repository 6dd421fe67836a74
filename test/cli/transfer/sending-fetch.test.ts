/** A `fetch` for long bodies: what it sends and what it gives back is what the global one would. */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { sendingFetch } from "../../../src/cli/transfer/sending-fetch.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`;
}

/** Tells what it was sent. */
const echo: RequestListener = (request, response) => {
  void request.toArray().then((chunks) => tell(request, Buffer.concat(chunks), response));
};

function tell(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { method, url, headers } = request;
  response.writeHead(201, { "Retry-After": "7" });
  response.end(
    JSON.stringify({
      method,
      url,
      type: headers["content-type"],
      length: headers["content-length"],
      body: body.toString("hex"),
    }),
  );
}

test("bytes arrive as they are, however many, with their length and the headers", async () => {
  const url = await serve(echo);
  for (const bytes of [1, 65_536, 4_000_000]) {
    const body = Buffer.alloc(bytes, "é");
    const answer = await sendingFetch(url, { method: "POST", headers: { "Content-Type": "x/y" }, body });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Retry-After")).toBe("7");
    expect(await answer.json()).toEqual({
      method: "POST",
      url: "/a?b=c",
      type: "x/y",
      length: String(bytes),
      body: body.toString("hex"),
    });
  }
});

test("an answer without a body has none, and one in pieces is whole", async () => {
  const empty = await sendingFetch(await serve((_, response) => response.writeHead(204).end()));
  expect([empty.status, await empty.text()]).toEqual([204, ""]);
  const url = await serve((_, response) => {
    const bytes = Buffer.from("né");
    response.write(bytes.subarray(0, 2));
    setImmediate(() => response.end(bytes.subarray(2)));
  });
  expect(await (await sendingFetch(url)).text()).toBe("né");
});

test("a connection that is cut, before the answer or within it, and one that is hung up on, are errors", async () => {
  const before = await serve((request) => request.socket.destroy());
  await expect(sendingFetch(before, { method: "POST", body: Buffer.from("x") })).rejects.toThrow();
  const within = await serve((request, response) => {
    response.writeHead(200, { "Content-Length": "10" });
    response.write("12345", () => request.socket.destroy());
  });
  await expect(sendingFetch(within)).rejects.toThrow();
  const never = await serve(() => {});
  await expect(sendingFetch(never, { signal: AbortSignal.timeout(1) })).rejects.toThrow();
});

test("a request that was made before is refused: it would be sent without its method and its body", async () => {
  let heard = 0;
  const url = await serve((_, response) => {
    heard += 1;
    response.end();
  });
  const made = new Request(url, { method: "DELETE" });
  await expect(sendingFetch(made)).rejects.toThrow("Not a Request");
  expect(heard).toBe(0);
});
