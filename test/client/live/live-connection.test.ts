/** The driver: what it does to sockets and timers, and that it listens to no socket it gave up. */
import { expect, test } from "vitest";
import { LiveConnection } from "../../../src/client/live/live-connection.ts";
import type { Reading, SocketAddress } from "../../../src/client/live/live-connection.ts";
import { WeirError } from "../../../src/client/weir-error.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

interface TestFrame {
  readonly type: string;
  readonly offset?: string;
  readonly more?: boolean;
}

function read(json: unknown): Reading<TestFrame> {
  const frame = json as TestFrame;
  if (frame.type === "changes") return { kind: "frame", frame, offset: frame.offset!, more: frame.more ?? false };
  if (frame.type === "reset") return { kind: "reset", frame };
  if (frame.type === "ack") return { kind: "message", frame };
  return { kind: frame.type === "bad" ? "garbled" : "unknown" };
}

function connect(since?: string) {
  const runtime = new FakeRuntime();
  const frames: TestFrame[] = [];
  const kinds: string[] = [];
  const connection = new LiveConnection<TestFrame>({
    runtime,
    since,
    read,
    address: (from) => ({ url: `ws://weir.test/live?since=${from ?? ""}`, protocols: ["weir"] }),
    onFrame: (frame) => frames.push(frame),
    onState: (kind) => kinds.push(kind),
  });
  connection.connect();
  return { runtime, connection, frames, kinds };
}

function sinceOf(runtime: FakeRuntime): string | null {
  return runtime.socket.url.searchParams.get("since");
}

test("connects, catches up, is live; and resumes where it was after a cut", () => {
  const { runtime, connection, frames, kinds } = connect("e:1");
  expect(sinceOf(runtime)).toBe("e:1");
  expect(runtime.socket.protocols).toEqual(["weir"]);
  runtime.socket.open();
  runtime.socket.say({ type: "changes", offset: "e:5", more: true });
  expect(runtime.socket.heard()).toEqual(['{"type":"seen"}']);
  runtime.socket.say({ type: "changes", offset: "e:9" });
  expect(kinds).toEqual(["connecting", "catching-up", "live"]);
  runtime.socket.cut(1013);
  expect(connection.kind).toBe("waiting");
  runtime.pass(250);
  expect(runtime.sockets).toHaveLength(2);
  expect(sinceOf(runtime)).toBe("e:9");
  expect(connection.reconnects).toBe(1);
  expect(frames).toHaveLength(2);
});

test("a frame finds its offset taken when it is handed on", () => {
  const runtime = new FakeRuntime();
  const offsets: (string | undefined)[] = [];
  const connection: LiveConnection<TestFrame> = new LiveConnection<TestFrame>({
    runtime,
    read,
    address: () => ({ url: "ws://weir.test/", protocols: [] }),
    onFrame: () => offsets.push(connection.offset),
  });
  connection.connect();
  runtime.socket.open();
  runtime.socket.say({ type: "changes", offset: "e:1" });
  runtime.socket.say({ type: "reset" });
  runtime.socket.say({ type: "changes", offset: "f:1" });
  expect(offsets).toEqual(["e:1", undefined, "f:1"]);
});

test("hears nothing more from a socket it gave up", () => {
  const { runtime, connection, frames } = connect();
  const [first] = runtime.sockets;
  first!.open();
  connection.disconnect();
  expect(first!.closedWith).toEqual({ code: 1000, reason: "" });
  connection.connect();
  first!.sayLate({ type: "changes", offset: "e:7" });
  first!.sayLate({ type: "reset" });
  expect(frames).toEqual([]);
  expect(connection.offset).toBeUndefined();
  expect(connection.kind).toBe("connecting");
});

test("pings every 25 s, and gives up 10 s after a ping without an answer", () => {
  const { runtime, connection } = connect();
  runtime.socket.open();
  runtime.socket.say({ type: "changes", offset: "e:1" });
  runtime.pass(24_999);
  expect(runtime.socket.heard()).toEqual([]);
  runtime.pass(1);
  expect(runtime.socket.heard()).toEqual(["ping"]);
  runtime.pass(5_000);
  runtime.socket.say("pong");
  runtime.pass(25_000);
  expect(runtime.socket.heard()).toEqual(["ping"]);
  runtime.pass(9_999);
  expect(connection.kind).toBe("live");
  runtime.pass(1);
  expect(connection.kind).toBe("waiting");
  expect(runtime.socket.closedWith).toEqual({ code: 4000, reason: "timeout" });
});

test("what makes no sense ends the connection; what it doesn't know it passes over", () => {
  for (const garbled of ["{", '{"type":"bad"}']) {
    const { runtime, connection, frames } = connect();
    runtime.socket.open();
    runtime.socket.say({ type: "novelty" });
    runtime.socket.say({ type: "ack" });
    expect(connection.kind).toBe("catching-up");
    runtime.socket.say(garbled);
    expect(connection.kind).toBe("waiting");
    expect(runtime.socket.closedWith?.reason).toBe("fault");
    expect(frames).toEqual([{ type: "ack" }]);
  }
});

test("goes offline with the network, and is back soon after it", () => {
  const { runtime, connection } = connect();
  runtime.socket.open();
  runtime.setNetwork(false);
  expect(connection.kind).toBe("offline");
  expect(runtime.socket.closedWith).toBeDefined();
  runtime.setNetwork(true);
  expect(connection.kind).toBe("waiting");
  runtime.pass(250);
  expect(connection.kind).toBe("connecting");
});

test("closed for good it leaves nothing behind", () => {
  const { runtime, connection } = connect();
  runtime.socket.open();
  connection.close();
  expect(connection.kind).toBe("closed");
  expect([runtime.timers, runtime.networkListeners]).toEqual([0, 0]);
  connection.connect();
  expect(runtime.sockets).toHaveLength(1);
});

test("sends only on an open socket, and survives one that closed without a word", () => {
  const { runtime, connection } = connect();
  expect(connection.send("x")).toBe(false);
  runtime.socket.open();
  expect(connection.send("x")).toBe(true);
  runtime.socket.client.close(1000, "");
  expect(connection.send("y")).toBe(false);
});

/** Lets promises settle. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const refusal = new WeirError({ code: "unauthorized", detail: "No.", status: 401 });

/** A connection whose addresses and refusals are the test's to give. */
function connectVia(
  address: () => SocketAddress | Promise<SocketAddress>,
  findRefusal?: () => Promise<WeirError | undefined>,
) {
  const runtime = new FakeRuntime();
  const connection = new LiveConnection<TestFrame>({ runtime, read, address, findRefusal, onFrame: () => {} });
  connection.connect();
  return { runtime, connection };
}

const ADDRESS: SocketAddress = { url: "ws://weir.test/", protocols: ["weir", "bearer.t"] };

test("waits for an address that takes a while, unless it is given up meanwhile", async () => {
  const { runtime, connection } = connectVia(async () => ADDRESS);
  expect([connection.kind, runtime.sockets.length]).toEqual(["connecting", 0]);
  await settled();
  expect(runtime.socket.protocols).toEqual(ADDRESS.protocols);
  runtime.socket.open();
  expect(connection.kind).toBe("catching-up");

  const left = connectVia(async () => ADDRESS);
  left.connection.disconnect();
  await settled();
  expect(left.runtime.sockets).toEqual([]);

  // The first address comes too late, and only the second attempt gets a socket.
  const slow = Promise.withResolvers<SocketAddress>();
  const addresses = [slow.promise, Promise.resolve(ADDRESS)];
  const late = connectVia(() => addresses.shift()!);
  late.runtime.pass(10_000);
  late.runtime.pass(250);
  slow.resolve({ ...ADDRESS, protocols: ["late"] });
  await settled();
  expect(late.runtime.sockets.map(({ protocols }) => protocols)).toEqual([ADDRESS.protocols]);
});

test("an address that can't be had is tried again", async () => {
  let tries = 0;
  const { runtime, connection } = connectVia(async () => {
    tries += 1;
    if (tries === 1) throw new WeirError({ code: "network", detail: "Offline." });
    return ADDRESS;
  });
  await settled();
  expect(connection.kind).toBe("waiting");
  runtime.pass(250);
  await settled();
  expect(runtime.sockets).toHaveLength(1);
});

test("finds out that it is not let in, says why, and tries again only when it is told to", async () => {
  let refusals: (WeirError | undefined)[] = [refusal];
  const { runtime, connection } = connectVia(
    () => ADDRESS,
    async () => refusals.shift(),
  );
  runtime.socket.cut();
  expect(connection.refusal).toBeUndefined();
  await settled();
  expect([connection.kind, connection.refusal, runtime.timers]).toEqual(["refused", refusal, 0]);
  runtime.pass(1_000_000);
  expect(runtime.sockets).toHaveLength(1);

  connection.connect();
  expect([connection.kind, connection.refusal]).toEqual(["connecting", undefined]);
  // This time it is the server that is down.
  refusals = [undefined];
  runtime.socket.cut();
  await settled();
  expect(connection.kind).toBe("waiting");
});

test("doesn't ask why it lost a socket that was open, nor believe an answer that came too late", async () => {
  let asked = 0;
  const answer = Promise.withResolvers<WeirError>();
  const { runtime, connection } = connectVia(
    () => ADDRESS,
    async () => {
      asked += 1;
      return answer.promise;
    },
  );
  runtime.socket.open();
  runtime.socket.cut(1008);
  expect(asked).toBe(0);
  runtime.pass(250);
  runtime.socket.cut();
  expect(asked).toBe(1);
  // One question at a time.
  runtime.pass(1_000);
  runtime.socket.cut();
  expect(asked).toBe(1);
  connection.connect();
  answer.resolve(refusal);
  await settled();
  expect(connection.kind).toBe("connecting");
});
