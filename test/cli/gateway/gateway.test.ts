/** A gateway between programs on TCP and a stream in process: what every old program takes for granted. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startGateway } from "../../../src/cli/gateway/gateway.ts";
import { SILENT_MS } from "../../../src/cli/gateway/gateway-source.ts";
import type { Gateway } from "../../../src/cli/gateway/gateway.ts";
import { MazeRun } from "../../../src/cli/maze/maze-run.ts";
import type { MazePlanOptions } from "../../../src/cli/maze/maze-plan.ts";
import { FakeStream } from "../../support/fake-stream.ts";
import type { FakeStreamOptions } from "../../support/fake-stream.ts";

const HOST = "127.0.0.1";
/** Generous: what it bounds takes milliseconds. */
const SOON = { timeout: 10_000, interval: 5 };

async function open(options: FakeStreamOptions = {}) {
  const stream = new FakeStream({ eventTimeoutMs: -1, ...options });
  const said: string[] = [];
  const ports = { host: HOST, sourcePort: 0, userPort: 0 };
  const gateway = await startGateway({ ...ports, open: stream.open, cursor: 0, log: (text) => said.push(text) });
  onTestFinished(() => gateway.stop());
  return { stream, gateway, said };
}

interface Program {
  readonly socket: Socket;
  /** What it got so far. */
  heard: string;
  isEnded: boolean;
}

function program(port: number, ...words: readonly (string | Buffer)[]): Program {
  const socket = connect({ host: HOST, port, allowHalfOpen: true });
  const self: Program = { socket, heard: "", isEnded: false };
  socket.setNoDelay(true);
  socket.on("data", (chunk) => (self.heard += chunk.toString()));
  socket.on("end", () => (self.isEnded = true));
  socket.on("close", () => (self.isEnded = true));
  socket.on("error", () => {});
  for (const word of words) socket.write(word);
  onTestFinished(() => void socket.destroy());
  return self;
}

const user = ({ userPort }: Gateway, ...words: readonly (string | Buffer)[]) => program(userPort, ...words);
const source = ({ sourcePort }: Gateway, ...words: readonly (string | Buffer)[]) => program(sourcePort, ...words);

async function hears(who: Program, text: string): Promise<void> {
  await vi.waitFor(() => expect(who.heard).toBe(text), SOON);
}

describe("users of a gateway", () => {
  it("who connect and say who they are are told of everything that is sent from then on", async () => {
    const { gateway } = await open();
    const users = Array.from({ length: 50 }, (_, index) => user(gateway, `${index}\n`));
    source(gateway, "2|P|7|3\n1|B\n");
    for (const [index, each] of users.entries()) await hears(each, index === 3 ? "1|B\n2|P|7|3\n" : "1|B\n");
  });

  it("may send their id in pieces, with CRLF, or without an end and half-closed", async () => {
    const { gateway } = await open();
    const pieces = user(gateway, "6");
    const snow = Buffer.from("snow ☃\r\n");
    const cut = user(gateway, snow.subarray(0, 6));
    const half = user(gateway);
    half.socket.end("60");
    await new Promise((resolve) => setTimeout(resolve, 20));
    pieces.socket.write("0\r");
    pieces.socket.write("\n");
    cut.socket.write(snow.subarray(6));
    source(gateway, "1|P|1|60\n2|P|1|snow ☃\n");
    await hears(pieces, "1|P|1|60\n");
    await hears(half, "1|P|1|60\n");
    await hears(cut, "2|P|1|snow ☃\n");
  });

  it("may be connected twice, each getting everything, and come again after they left", async () => {
    const { gateway, stream } = await open();
    const [first, second] = [user(gateway, "60\n"), user(gateway, "60\n")];
    const feed = source(gateway, "1|P|1|60\n");
    await hears(first, "1|P|1|60\n");
    await hears(second, "1|P|1|60\n");
    first.socket.resetAndDestroy();
    await vi.waitFor(() => expect(stream.users).toBe(1), SOON);
    const third = user(gateway, "60\n");
    await vi.waitFor(() => expect(stream.users).toBe(2), SOON);
    feed.socket.write("2|P|1|60\n");
    await hears(third, "2|P|1|60\n");
    await hears(second, "1|P|1|60\n2|P|1|60\n");
  });

  it("whose id can't be one are dropped, with a reason and without the id", async () => {
    const { gateway, said } = await open();
    const bad = ["\n", "a|b\n", "a\tb\n", Buffer.from([0xff, 0x0a]), `${"x".repeat(257)}\n`, "y".repeat(5_000)];
    const programs = bad.map((id) => user(gateway, id));
    await vi.waitFor(() => expect(programs.every(({ isEnded }) => isEnded)).toBe(true), SOON);
    expect(said.filter((line) => line.includes("was dropped"))).toHaveLength(bad.length);
    expect(said.join("")).not.toMatch(/a\||xxx|yyy/);
    const longest = user(gateway, `${"x".repeat(256)}\r\n`);
    source(gateway, "1|B\n");
    await hears(longest, "1|B\n");
  });

  it("past max_users are refused, unless one that closed its side may be gone", async () => {
    const { gateway, stream, said } = await open({ maxUsers: 2 });
    const [first, second] = [user(gateway, "1\n"), user(gateway, "2\n")];
    await vi.waitFor(() => expect(stream.users).toBe(2), SOON);
    const refused = user(gateway, "3\n");
    await vi.waitFor(() => expect(refused.isEnded).toBe(true), SOON);
    expect(said.join("\n")).toMatch("it was refused: max_users are connected");
    second.socket.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const successor = user(gateway, "4\n");
    await vi.waitFor(() => expect(second.isEnded).toBe(true), SOON);
    source(gateway, "1|B\n");
    await hears(successor, "1|B\n");
    await hears(first, "1|B\n");
  });

  it("who don't read are dropped, and others get everything", { timeout: 30_000 }, async () => {
    const { gateway, said } = await open({ creditMax: 100_000 });
    const stalled = user(gateway, "1\n");
    stalled.socket.pause();
    const brisk = user(gateway, "1\n");
    const name = "x".repeat(250);
    const lines = Array.from({ length: 150_000 }, (_, index) => `${index + 1}|P|${name}|1\n`).join("");
    source(gateway, lines);
    await vi.waitFor(() => expect(brisk.heard.length).toBe(lines.length), { timeout: 20_000, interval: 50 });
    expect(brisk.heard === lines).toBe(true);
    expect(said.join("\n")).toMatch("it takes its lines too slowly");
  });
});

describe("sources of a gateway", () => {
  it("may end lines in LF or CRLF, cut them anywhere, and leave the last one open", async () => {
    const { gateway } = await open();
    const listener = user(gateway, "60 ☃\n");
    const bytes = Buffer.from("2|P|1|60 ☃\r\n1|P|1|60 ☃\n\n4|B\n3|P|1|60 ☃");
    const feed = source(gateway);
    for (let at = 0; at < bytes.length; at += 5) {
      feed.socket.write(bytes.subarray(at, at + 5));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    feed.socket.end();
    await hears(listener, "1|P|1|60 ☃\n2|P|1|60 ☃\n3|P|1|60 ☃\n4|B\n");
    await vi.waitFor(() => expect(feed.isEnded).toBe(true), SOON);
  });

  it("are not read while the stream gives no credit, and lose nothing when they end meanwhile", async () => {
    const { gateway, stream } = await open({ maxBuffered: 1_000, creditMax: 1_000 });
    const listener = user(gateway, "1\n");
    const lines = Array.from({ length: 200_000 }, (_, index) => `${index + 2}|P|12345678901234567890|1\n`);
    const feed = source(gateway, lines.join(""));
    feed.socket.end();
    await vi.waitFor(() => expect(stream.stream.buffered).toBe(1_000), SOON);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(feed.socket.writableLength).toBeGreaterThan(1_000_000);
    stream.stream.take("1|B\n", 0);
    stream.expire(0);
    stream.cut();
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(200_001), SOON);
    await vi.waitFor(() => expect(listener.heard.split("\n")).toHaveLength(200_002), SOON);
    await vi.waitFor(() => expect(stream.sources).toBe(0), SOON);
  });

  it("past max_sources are refused", async () => {
    const { gateway, said, stream } = await open();
    source(gateway, "1|B\n");
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(1), SOON);
    const second = source(gateway, "2|B\n");
    await vi.waitFor(() => expect(second.isEnded).toBe(true), SOON);
    expect(said.join("\n")).toMatch(/source \d was refused: max_sources are connected/);
    expect(stream.stream.cursor).toBe(1);
  });

  it("that are dead make room for their successors", async () => {
    const { gateway, stream } = await open();
    for (const [index, end] of ["resetAndDestroy", "end", "destroy"].entries()) {
      const feed = source(gateway, `${index + 1}|B\n`);
      await vi.waitFor(() => expect(stream.stream.cursor).toBe(index + 1), SOON);
      feed.socket[end as "end"]();
    }
    source(gateway, "4|B\n");
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(4), SOON);
  });

  it("that were silent for long give their place to one that wants it", async () => {
    const { gateway, stream, said } = await open();
    const silent = source(gateway, "1|B\n");
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(1), SOON);
    const now = performance.now.bind(performance);
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + SILENT_MS);
    onTestFinished(() => clock.mockRestore());
    source(gateway, "2|B\n");
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(2), SOON);
    await vi.waitFor(() => expect(silent.isEnded).toBe(true), SOON);
    expect(said.join("\n")).toMatch(/source \d was silent and gave its place to source \d/);
  });

  it("whose last lines wait for credit have their successor wait, and not refused", async () => {
    const { gateway, stream } = await open({ maxBuffered: 10, creditMax: 10 });
    const lines = Array.from({ length: 30 }, (_, index) => `${index + 2}|B\n`).join("");
    source(gateway, lines).socket.end();
    await vi.waitFor(() => expect(stream.stream.buffered).toBe(10), SOON);
    const successor = source(gateway, "32|B\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(successor.isEnded).toBe(false);
    stream.stream.take("1|B\n", 0);
    stream.cut();
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(32), SOON);
  });

  it("that send no UTF-8 have those lines among the dead letters, and no others", async () => {
    const { gateway, stream } = await open();
    source(gateway, "1|B\n", Buffer.from([0x32, 0x7c, 0x42, 0xff, 0x0a]), "2|B\n");
    await vi.waitFor(() => expect(stream.stream.cursor).toBe(2), SOON);
    expect(stream.stream.deadLetters(0, 10)).toMatchObject([{ reason: "malformed", line: "\ufffd2|B\ufffd" }]);
  });
});

describe("a gateway whose connection breaks", () => {
  const maze = async (gateway: Gateway, options: Partial<MazePlanOptions>) => {
    const run = new MazeRun({
      host: HOST,
      sourcePort: gateway.sourcePort,
      userPort: gateway.userPort,
      events: 5_000,
      users: 20,
      connected: 0.8,
      late: 0.3,
      batch: 100,
      gaps: 0,
      duplicates: 0.05,
      malformed: 0.05,
      naming: "texts",
      lineEnd: "\n",
      seed: 1,
      settleMs: 5_000,
      quietMs: 50,
      json: false,
      ...options,
    });
    await run.run(new AbortController().signal);
    return run.judge();
  };

  it.each([3, 4, 5, 8, 13])("after every %i messages loses and repeats nothing", async (cutAfter) => {
    const { gateway, stream } = await open({ cutAfter, creditMax: 100 });
    expect(await maze(gateway, { seed: cutAfter })).toEqual([]);
    expect(stream.cuts).toBeGreaterThan(2);
  });

  it("tells users who came meanwhile only of what comes after", async () => {
    const { gateway, stream } = await open();
    const first = user(gateway, "1\n");
    const feed = source(gateway, "1|B\n");
    await hears(first, "1|B\n");
    stream.isMute = true;
    stream.stream.take("2|B\n", 0);
    stream.cut();
    stream.isMute = false;
    const late = user(gateway, "2\n");
    await vi.waitFor(() => expect(stream.users).toBe(2), SOON);
    feed.socket.write("3|B\n");
    await hears(first, "1|B\n2|B\n3|B\n");
    await hears(late, "3|B\n");
  });
});

describe("a gateway that is told to stop", () => {
  it("has what it read committed and told first", async () => {
    const { gateway, stream, said } = await open();
    const listener = user(gateway, "1\n");
    const unnamed = user(gateway);
    source(gateway, "1|B\n2|B\n3|B");
    await vi.waitFor(() => expect(stream.sources).toBe(1), SOON);
    await vi.waitFor(() => expect(stream.heard.some(({ type }) => type === "lines")).toBe(true), SOON);
    await gateway.stop();
    expect(stream.stream.cursor).toBe(3);
    await hears(listener, "1|B\n2|B\n3|B\n");
    await vi.waitFor(() => expect([listener.isEnded, unnamed.isEnded]).toEqual([true, true]), SOON);
    expect(said.join("\n")).not.toMatch("were not acknowledged");
  });
});
