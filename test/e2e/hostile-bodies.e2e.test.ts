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

it("believes no length that is a lie: neither more nor less than was sent, nor two lengths at once", async () => {
  const { url, port } = await startServer();
  const whole = JSON.stringify({ ops: [{ op: "add", element: "lie" }] });
  const lines = (...headers: readonly string[]) => ["POST /sets/a/ops HTTP/1.1", "Host: weir", ...headers, "", ""];
  const chunk = `${whole.length.toString(16)}\r\n${whole}\r\n0\r\n\r\n`;
  for (const text of [
    lines(`Content-Length: ${whole.length - 1}`).join("\r\n") + whole,
    lines("Content-Length: 5", "Transfer-Encoding: chunked").join("\r\n") + chunk,
    lines("Content-Length: -1").join("\r\n") + whole,
    lines("Content-Length: 1e3").join("\r\n") + whole,
    lines("Content-Length: 5", "Content-Length: 6").join("\r\n") + whole,
  ]) {
    const answer = await exchange(port, text);
    expect(answer, text).not.toMatch(/HTTP\/1\.1 5/);
    if (/HTTP\/1\.1 200/.test(answer)) expect(text).toContain("Transfer-Encoding");
  }
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
});

it("goes on serving others while very many send slowly, and forgets those that went away", async () => {
  const { url, port } = await startServer();
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    // Half a body of 60 kB each: twelve million bytes are spoken for, and hardly any are there.
    socket.write(`POST /sets/a/ops HTTP/1.1\r\nHost: weir\r\nContent-Length: 60000\r\n\r\n{"ops":[`);
    return socket;
  });
  await expect.poll(() => bodyBytes(url)).toBe(200 * 60_000);
  const write = await fetch(`${url}/sets/b/ops`, { method: "POST", body: '{"ops":[{"op":"add","element":"x"}]}' });
  expect(write.status).toBe(200);
  for (const socket of slow) socket.destroy();
  await expect.poll(() => bodyBytes(url)).toBe(0);
});

/** What the server says that the bodies it reads take. */
async function bodyBytes(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^weir_body_bytes\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}
