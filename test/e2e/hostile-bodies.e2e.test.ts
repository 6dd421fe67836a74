/** Bodies that only a real connection can bring: too long for it to wait, cut off, or in chunks that are none. */
import { connect } from "node:net";
import { expect, it } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { startServer } from "../support/server.ts";

/** What the server at `port` answers to `text` until one of them closes. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end(text));
    socket.on("data", (bytes) => (answer += bytes.toString("latin1")));
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

it("answers 413 to a client that sends its whole body before it looks", async () => {
  const { url } = await startServer();
  for (const bytes of [limits.bodyBytesMax + 1, 5 * limits.bodyBytesMax]) {
    const body = " ".repeat(bytes);
    for (let round = 0; round < 8; round++) {
      const response = await fetch(`${url}/sets/a/ops`, { method: "POST", body });
      expect([response.status, await response.json()]).toMatchObject([413, { code: "payload_too_large" }]);
    }
  }
});

it("takes a body that breaks off, or comes in chunks that are none, for a bad request and not for a bug", async () => {
  const { url, port } = await startServer();
  const head = "POST /sets/a/ops HTTP/1.1\r\nHost: weir\r\n";
  const whole = JSON.stringify({ ops: [{ op: "add", element: "cut" }] });
  for (const request of [
    `${head}Content-Length: 500\r\n\r\n${whole}`,
    `${head}Transfer-Encoding: chunked\r\n\r\n${whole.length.toString(16)}\r\n${whole}\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n${whole}\r\n`,
  ]) {
    const answer = await exchange(port, request);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"path":"body"');
  }
  const read = await fetch(`${url}/sets/a`);
  expect(await read.json()).toMatchObject({ size: 0 });
});
