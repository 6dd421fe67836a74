/**
 * What only a raw connection can send: requests that are none, and heads and lengths that lie. Much of the answer is the
 * runtime's own; what is promised is that the server goes on, faults at nothing, and changes nothing for what it refused.
 */
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { peakMemoryMiB } from "../support/process-usage.ts";
import { exchange, statusesOf, upgradeRequest } from "../support/raw-connection.ts";
import { startServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";

const GET = "GET /healthz HTTP/1.1\r\nHost: weir\r\n\r\n";
const OPS = JSON.stringify({ ops: [{ op: "add", element: "x", timestamp: 1 }] });
const SIZE = OPS.length.toString(16);
const CHUNK = `${SIZE}\r\n${OPS}\r\n`;
const LENGTH = `Content-Length: ${OPS.length}`;
const CHUNKED = "Transfer-Encoding: chunked";

function get(target: string, ...headers: readonly string[]): string {
  return [`GET ${target} HTTP/1.1`, "Host: weir", ...headers, "", ""].join("\r\n");
}

/** A write to the set that nothing here may ever write to, unless it says which. */
function post(headers: readonly string[], body: string, set = "untouched"): string {
  return [`POST /sets/${set}/ops HTTP/1.1`, "Host: weir", ...headers, "", body].join("\r\n");
}

function hosted(host: string, target = "/sets/untouched"): string {
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\nOrigin: http://x\r\n\r\n`;
}

/** By what is wrong: the bytes, and the statuses of all answers that come before the server closes. */
type Cases = Readonly<Record<string, readonly [string, ...number[]]>>;

const requestLines: Cases = {
  "no version": ["GET /healthz\r\n\r\n", 400],
  "a version of the future": ["GET /healthz HTTP/9.9\r\nHost: weir\r\n\r\n", 400],
  "no target": ["GET  HTTP/1.1\r\nHost: weir\r\n\r\n", 400],
  "a target with a space": [get("/sets/a b"), 400],
  "a target with NUL": [get("/sets/a\0b"), 400],
  "a target with a line feed": [get("/sets/a\nb"), 400],
  "a target that is no path": [get(":99999999/sets/a"), 400],
  "a target of another server": [get("http://elsewhere/healthz"), 200],
  "a star": ["OPTIONS * HTTP/1.1\r\nHost: weir\r\n\r\n", 204],
  "an unknown method": ["BREW /healthz HTTP/1.1\r\nHost: weir\r\n\r\n", 501],
  "a method in small letters": ["get /healthz HTTP/1.1\r\nHost: weir\r\n\r\n", 501],
  "a method that is none": ["\0\x16\x03\x01\x02 / HTTP/1.1\r\nHost: weir\r\n\r\n", 400],
  "a method to look at requests with": ["TRACE /healthz HTTP/1.1\r\nHost: weir\r\n\r\n", 405],
  "tabs for spaces": ["GET\t/healthz\tHTTP/1.1\r\nHost: weir\r\n\r\n", 400],
  "carriage returns for ends of lines": ["GET /healthz HTTP/1.1\rHost: weir\r\r", 400],
  "line feeds for ends of lines": ["GET /healthz HTTP/1.1\nHost: weir\n\n", 200],
  "empty lines before it": [`\r\n\r\n${GET}`, 200],
  "a name of 60,000 letters": [get(`/sets/${"a".repeat(60_000)}`), 400],
  "an address of 200,000 letters": [get(`/sets/${"a".repeat(200_000)}`), 414],
  "a query of 30,000 keys": [get(`/sets/untouched?${"a&".repeat(30_000)}`), 200],
};

const heads: Cases = {
  "no host": ["GET /healthz HTTP/1.1\r\n\r\n", 400],
  "NUL in a value": [get("/healthz", "X-A: a\0b"), 400],
  "NUL in a name": [get("/healthz", "X\0A: b"), 400],
  "a line without a colon": [get("/healthz", "nonsense"), 400],
  "a space before the colon": [get("/healthz", "X-A : b"), 400],
  "a folded line": [get("/healthz", "X-A: a", " b"), 400],
  "bytes that are no text": [get("/healthz", "X-A: \xff\xfe"), 200],
  "a thousand headers": [get("/healthz", ...Array.from({ length: 1_000 }, (_, index) => `X-${index}: a`)), 200],
  "twenty thousand headers": [get("/healthz", ...Array.from({ length: 20_000 }, (_, index) => `X-${index}: a`)), 431],
  "a header of a megabyte": [get("/healthz", `X-A: ${"a".repeat(1 << 20)}`), 431],
  "the same header five hundred times": [get("/sets/untouched", ...Array<string>(500).fill("Accept: a/b")), 200],
  "a host that is no address": [hosted("[::"), 400],
  "a host with a space": [hosted("a b"), 400],
  "a host that is badly encoded": [hosted("%zz"), 400],
  "a port that is none": [hosted("weir:99999999"), 400],
  "a host with a path of its own": [hosted("weir/healthz?"), 400],
  "a host with a name of its own": [hosted("healthz@weir"), 400],
  "a host with a fragment": [hosted("weir#"), 400],
};

const lengths: Cases = {
  "less than is sent": [post([`Content-Length: ${OPS.length - 1}`], OPS), 400, 400],
  "more than is sent": [post([`Content-Length: ${OPS.length + 1}`], OPS), 400],
  "two of them": [post([LENGTH, "Content-Length: 5"], OPS), 400],
  "a list of them": [post([`Content-Length: ${OPS.length}, ${OPS.length}`], OPS), 400],
  "the same twice": [post([LENGTH, LENGTH], OPS, "twice"), 200],
  "with a sign": [post([`Content-Length: +${OPS.length}`], OPS), 400],
  "below zero": [post(["Content-Length: -1"], OPS), 400],
  "in hexadecimal": [post([`Content-Length: 0x${SIZE}`], OPS), 400],
  "more than any number": [post([`Content-Length: ${"9".repeat(30)}`], OPS), 400],
  "none at all": [post(["Content-Length:"], OPS), 400],
  "of a request that has no body": [get("/healthz", "Content-Length: 5") + "hello" + GET, 200, 200],
};

const chunks: Cases = {
  "a size below zero": [post([CHUNKED], `-5\r\n${OPS}\r\n0\r\n\r\n`), 400],
  "a size of 64 bits": [post([CHUNKED], `ffffffffffffffff\r\n${OPS}\r\n0\r\n\r\n`), 400],
  "a size that would be right in 64 bits": [post([CHUNKED], `1${SIZE.padStart(16, "0")}\r\n${OPS}\r\n0\r\n\r\n`), 400],
  "a size that is too small": [post([CHUNKED], `3\r\n${OPS}\r\n0\r\n\r\n`), 400],
  "no size": [post([CHUNKED], `\r\n${OPS}\r\n0\r\n\r\n`), 400],
  "an extension": [post([CHUNKED], `${SIZE};a=b\r\n${OPS}\r\n0\r\n\r\n`, "extended"), 200],
  "an extension without an end": [post([CHUNKED], `${SIZE};${"a".repeat(100_000)}\r\n${OPS}\r\n0\r\n\r\n`), 400],
  "line feeds for ends of lines": [post([CHUNKED], `${SIZE}\n${OPS}\n0\n\n`), 400],
  "no last chunk": [post([CHUNKED], CHUNK), 400],
  "trailers that mean something": [
    post([CHUNKED], `${CHUNK}0\r\nContent-Length: 5\r\n\r\n${GET}`, "trailed"),
    200,
    200,
  ],
  "another coding": [post(["Transfer-Encoding: xchunked"], CHUNK), 400],
  "another coding after it": [post(["Transfer-Encoding: chunked, identity"], CHUNK), 400],
  "another coding in a line of its own": [post([CHUNKED, "Transfer-Encoding: identity"], CHUNK), 400],
  "its name after a control character": [post(["Transfer-Encoding: \x0bchunked", LENGTH], OPS), 400],
  "its name in capitals": [post(["Transfer-Encoding: CHUNKED"], `${CHUNK}0\r\n\r\n`, "capitals"), 200],
};

const SMUGGLED = post([LENGTH], OPS);

/** Two ways to see where a request ends: whoever takes the other one than a proxy before it takes a part of a body for a request. */
const smuggled: Cases = {
  "a length that ends before the chunks do": [
    post(["Content-Length: 4", CHUNKED], `${CHUNK}0\r\n\r\n${SMUGGLED}`, "smuggler"),
    200,
  ],
  "a length that ends after the chunks do": [
    post([CHUNKED, `Content-Length: ${SMUGGLED.length + 5}`], `0\r\n\r\n${SMUGGLED}`),
    400,
  ],
  "a length of nothing": [post(["Content-Length: 0", CHUNKED], `0\r\n\r\n${SMUGGLED}`), 400],
};

async function expectUntouched({ url }: TestServer): Promise<void> {
  expect(await (await fetch(`${url}/sets/untouched`)).json()).toMatchObject({ offset: "0:0", size: 0 });
}

/** All on one server, so that each case is also the next request after the one before. */
describe.each(
  Object.entries({
    "a request with": requestLines,
    "a head with": heads,
    "a length,": lengths,
    "chunks with": chunks,
    smuggled,
  }),
)("%s", (_, cases) => {
  it("is answered as it deserves, changes nothing, and takes no memory to speak of", async () => {
    const server = await startServer();
    const before = peakMemoryMiB(server.pid);
    for (const [what, [bytes, ...statuses]] of Object.entries(cases)) {
      const answer = await exchange(server.port, bytes);
      expect([what, statusesOf(answer)], answer.slice(0, 500)).toEqual([what, statuses]);
      expect(answer).not.toContain("urn:weir:problem:internal");
    }
    await expectUntouched(server);
    expect(peakMemoryMiB(server.pid) - before).toBeLessThan(100);
  });
});

describe("a connection", () => {
  it("is asked many things at once, and answers them in order, up to one that makes no sense", async () => {
    const { port, url } = await startServer();
    const writes = Array.from({ length: 50 }, (_, index) =>
      post([`Content-Length: ${OPS.length}`], OPS.replace("x", String.fromCodePoint(0x61 + (index % 26))), "piped"),
    );
    expect(statusesOf(await exchange(port, writes.join("")))).toEqual(Array<number>(50).fill(200));
    expect(await (await fetch(`${url}/sets/piped`)).json()).toMatchObject({ size: 26 });
    const paths = ["/healthz", "/nowhere", "/sets/a?limit=0", "/healthz"];
    expect(statusesOf(await exchange(port, paths.map((path) => get(path)).join("")))).toEqual([200, 404, 400, 200]);
    const broken = GET + "nonsense\r\n\r\n" + SMUGGLED;
    expect(statusesOf(await exchange(port, broken))).toEqual([200, 400]);
    expect(await (await fetch(`${url}/sets/untouched`)).json()).toMatchObject({ size: 0 });
  });

  it("that is closed on one side, or breaks off anywhere, harms nobody", async () => {
    const server = await startServer();
    const whole = post([LENGTH], OPS, "cut");
    const before = peakMemoryMiB(server.pid);
    for (let length = 0; length < whole.length; length += 7) {
      const statuses = statusesOf(await exchange(server.port, whole.slice(0, length)));
      expect([length, statuses.filter((status) => status !== 400)]).toEqual([length, []]);
      const socket = connect({ port: server.port, host: "127.0.0.1" }, () => {
        socket.write(whole.slice(0, length), () => socket.resetAndDestroy());
      });
      socket.on("error", () => {});
      await new Promise((gone) => socket.once("close", gone));
    }
    expect(await (await fetch(`${server.url}/sets/cut`)).json()).toMatchObject({ size: 0 });
    const open = Array.from({ length: 500 }, () => {
      const socket = connect({ port: server.port, host: "127.0.0.1" });
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      socket.write(whole.slice(0, 30));
      return new Promise((opened) => socket.once("connect", opened));
    });
    await Promise.all(open);
    expect(statusesOf(await exchange(server.port, whole))).toEqual([200]);
    expect(peakMemoryMiB(server.pid) - before).toBeLessThan(100);
  });

  it("is no WebSocket unless it is asked for as one", async () => {
    const { port } = await startServer();
    const path = "/sets/untouched/live";
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const version = (number: string) => `Sec-WebSocket-Version: ${number}\r\n`;
    const right = upgradeRequest(path);
    const cases: Cases = {
      "no key": [upgradeRequest(path, version("13")), 400],
      "no version": [upgradeRequest(path, key), 426],
      "an old version": [upgradeRequest(path, key + version("8")), 426],
      "a version that is none": [upgradeRequest(path, key + version("13, 8")), 426],
      "another protocol": [right.replace("Upgrade: websocket", "Upgrade: h2c"), 400],
      "two protocols": [right.replace("Upgrade: websocket", "Upgrade: h2c, websocket"), 400],
      "another method": [right.replace("GET", "POST"), 405],
      "another path": [upgradeRequest("/healthz"), 200],
      "a set that can't be": [upgradeRequest(`/sets/${"a".repeat(257)}/live`), 400],
      "an offset that is none": [upgradeRequest(`${path}?since=nonsense`), 400],
    };
    for (const [what, [bytes, ...statuses]] of Object.entries(cases)) {
      expect([what, statusesOf(await exchange(port, bytes))]).toEqual([what, statuses]);
    }
  });
});

it("is no tunnel, and goes on after it was asked to be one", async () => {
  const { port } = await startServer();
  // Its 500 is the runtime's own, which has no way to let the Worker refuse it.
  const answer = await exchange(port, "CONNECT weir:80 HTTP/1.1\r\nHost: weir:80\r\n\r\n");
  expect([statusesOf(answer), answer.includes("urn:weir")]).toEqual([[500], false]);
  expect(statusesOf(await exchange(port, GET))).toEqual([200]);
});
