/**
 * What only a raw connection can send on a WebSocket: frames that break RFC 6455, and more of them than anybody could mean.
 * The runtime judges frames, the Worker messages; whoever does it, the connection is closed or goes on, and the server does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { peakMemoryMiB } from "../support/process-usage.ts";
import { PING, PONG, rawFrame, RawWebSocket } from "../support/raw-connection.ts";
import type { RawFrame } from "../support/raw-connection.ts";
import { startServer } from "../support/server.ts";

function write(element: string): string {
  return JSON.stringify({ type: "write", id: element, ops: [{ op: "add", element, timestamp: 1 }] });
}

const PIECES = { first: write("pieces").slice(0, 9), second: write("pieces").slice(9) };
const CONTINUED = 0;
const BINARY = 2;
const CONNECTION_CLOSE = 8;

function closing(...payload: readonly number[]): RawFrame {
  return { opcode: CONNECTION_CLOSE, payload: Buffer.from(payload) };
}

/** By what is wrong: the frames, and with which code the server closes. Each would write the element of its name. */
const closed: Readonly<Record<string, readonly [number, ...RawFrame[]]>> = {
  "a bit for a compression that was not agreed on": [1002, { reserved: 4, payload: write("no") }],
  "reserved bits": [1002, { reserved: 3, payload: write("no") }],
  "an opcode for data that there is not": [1002, { opcode: 3, payload: write("no") }],
  "an opcode for control that there is not": [1002, { opcode: 11, payload: write("no") }],
  "a ping in pieces": [1002, { opcode: PING, isLast: false, payload: "a" }],
  "a piece of nothing": [1002, { opcode: CONTINUED, payload: write("no") }],
  "a message within another": [1002, { isLast: false, payload: "{" }, { payload: write("no") }],
  "a length of 64 bits": [1009, { length: 2n ** 64n - 1n, payload: write("no") }],
  "a length of 63 bits": [1009, { length: 2n ** 63n - 1n, payload: write("no") }],
  "a length past what the runtime takes": [1009, { length: 2n ** 25n + 1n, payload: write("no") }],
  "a length past 4 MiB": [1009, { payload: write("no") + " ".repeat(limits.bodyBytesMax) }],
  "a length past 4 MiB in pieces": [
    1009,
    { isLast: false, payload: write("no") + " ".repeat(limits.bodyBytesMax / 2) },
    { opcode: CONTINUED, payload: " ".repeat(limits.bodyBytesMax / 2) },
  ],
  "a close without a code": [1000, closing()],
  "half a code": [1000, closing(3)],
  "a code that can't be sent": [1000, closing(3, 237)],
  "a code that there is not": [1011, closing(0, 5)],
  "a code past all": [1011, closing(39, 15)],
  "a reason that is no text": [1000, closing(3, 232, 0xff)],
};

/** What is wrong, but does no harm: the runtime lets it pass. */
const borne: Readonly<Record<string, readonly RawFrame[]>> = {
  "no mask": [{ isMasked: false, payload: write("unmasked") }],
  "a length in more bits than it needs": [{ length: BigInt(write("long").length), payload: write("long") }],
  "a ping between the pieces of a message": [
    { isLast: false, payload: PIECES.first },
    { opcode: PING, payload: "between" },
    { opcode: CONTINUED, payload: PIECES.second },
  ],
  "a ping that is too long": [{ opcode: PING, payload: "p".repeat(126) }],
  "a pong that nobody asked for": [{ opcode: PONG, payload: "p" }],
  "two thousand pieces of nothing": [
    { isLast: false },
    ...Array.from({ length: 2_000 }, () => ({ opcode: CONTINUED, isLast: false })),
    { opcode: CONTINUED },
  ],
  "text that is not UTF-8": [{ payload: Buffer.from([0xc3, 0x28]) }],
  "half a character": [{ payload: Buffer.from([0xed, 0xa0, 0x80]) }],
  bytes: [{ opcode: BINARY, payload: write("no") }],
};

it("is closed by what breaks the protocol, which has changed nothing", async () => {
  const { port, url } = await startServer();
  for (const [what, [code, ...frames]] of Object.entries(closed)) {
    const socket = await RawWebSocket.open(port, "/sets/closed/live");
    socket.send(...frames);
    expect([what, await socket.closeCode()]).toEqual([what, code]);
    // Whatever comes after the end is nothing.
    socket.send({ payload: write("no") });
    socket.socket.destroy();
  }
  expect(await (await fetch(`${url}/sets/closed`)).json()).toMatchObject({ offset: "0:0", size: 0 });
});

it("goes on after what does no harm, and takes nothing for more than it is", async () => {
  const { port, url } = await startServer();
  for (const [what, frames] of Object.entries(borne)) {
    const socket = await RawWebSocket.open(port, "/sets/borne/live");
    socket.send(...frames, { payload: write("fence") });
    const answer = await socket.until(({ text }) => text.includes('"id":"fence"'));
    expect([what, answer?.text]).toEqual([what, expect.stringContaining('"type":"ack"')]);
    socket.socket.destroy();
  }
  const { elements } = (await (await fetch(`${url}/sets/borne`)).json()) as { readonly elements: readonly string[] };
  expect(elements).toEqual(["fence", "long", "pieces", "unmasked"]);
});

it("takes a frame whose length lies for what its length says", async () => {
  const { port, url } = await startServer();
  const socket = await RawWebSocket.open(port, "/sets/lies/live");
  // What is left over is the next frame: `"typ` is a text of 0x74 bytes with a bit that was not agreed on.
  socket.send({ payload: `{` }, { length: 5n, payload: write("short") });
  expect(await socket.closeCode()).toBe(1002);
  const waiting = await RawWebSocket.open(port, "/sets/lies/live");
  waiting.send({ length: BigInt(write("more").length + 1), payload: write("more") });
  waiting.socket.end();
  expect(await waiting.closeCode()).toBeLessThanOrEqual(1011);
  expect(await (await fetch(`${url}/sets/lies`)).json()).toMatchObject({ size: 0 });
});

/** What `wrangler.toml` says for there. */
const IN_PRODUCTION = { SOCKET_MESSAGES_PER_MINUTE: "60000" };
const FLOOD_BYTES = 80_000_000;
/** Most of it garbage that nobody has collected yet: what is kept of three hundred thousand answers would be twice as much. */
const MEMORY_MIB_MAX = 128;
/** Long enough for a server that reads at all; short enough for one that has stopped. */
const IDLE_MS = 500;
const FLOODS = {
  pings: { opcode: PING, payload: "p".repeat(125) },
  "pings of ours": { payload: "ping" },
  pongs: { opcode: PONG, payload: "p" },
  "pieces of a message": { opcode: CONTINUED, isLast: false },
  nonsense: { payload: "x" },
  "signs of life": { payload: '{"type":"seen"}' },
  "writes of nothing": { payload: '{"type":"write","id":1,"ops":[]}' },
  "writes that are answered at length": { payload: `{"type":"write","id":"${"i".repeat(1_000)}"}` },
} satisfies Readonly<Record<string, RawFrame>>;

describe.each(Object.entries(FLOODS))("a flood of %s", (what, frame) => {
  it("of which nothing that comes back is read, takes no memory to speak of and keeps nobody out", async () => {
    const server = await startServer({ env: IN_PRODUCTION });
    const before = peakMemoryMiB(server.pid);
    const socket = await RawWebSocket.open(server.port, "/sets/flooded/live", false);
    if (what === "pieces of a message") socket.send({ isLast: false });
    const one = rawFrame(frame);
    await socket.flood(
      Buffer.concat(Array<Buffer>(Math.min(300_000, Math.floor(FLOOD_BYTES / one.length))).fill(one)),
      IDLE_MS,
    );
    const other = await fetch(`${server.url}/sets/others/elements/x`, { method: "PUT" });
    expect(other.status).toBe(200);
    // What the server has read by now may still be on its way through it.
    await sleep(IDLE_MS);
    expect(peakMemoryMiB(server.pid) - before).toBeLessThan(MEMORY_MIB_MAX);
  });
});
