/** A replica in the situations that matter one by one; the model test mixes them all. */
import { expect, test } from "vitest";
import { LwwSetReplica, MemoryReplicaStorage, WeirClient, WeirError } from "../../../src/client/index.ts";
import type { LwwSetReplicaOptions, ReplicaEvent } from "../../../src/client/index.ts";
import { ACK_TIMEOUT_MS } from "../../../src/client/sets/op-sender.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";
import { FakeSetServer } from "../../support/fake-set-server.ts";
import type { FakeSetServerOptions } from "../../support/fake-set-server.ts";

function bench(options: LwwSetReplicaOptions = {}, serverOptions: FakeSetServerOptions = {}) {
  const runtime = new FakeRuntime();
  const server = new FakeSetServer(runtime, serverOptions);
  const replica = new LwwSetReplica(new WeirClient({ url: "http://weir.test", runtime }).set("s"), options);
  const events: ReplicaEvent[] = [];
  replica.subscribe((event) => event.type !== "status" && events.push(event));
  const connect = () => {
    replica.connect();
    server.accept(runtime.socket);
    runtime.socket.deliver();
  };
  /** Somebody else writes. */
  const other = (op: "add" | "remove", element: string, timestamp = runtime.nowMs()) =>
    server.set.apply([{ op, element, timestamp }], runtime.nowMs(), () => "never");
  /** Everything that is under way arrives, and is answered. */
  const exchange = () => {
    for (let round = 0; round < 20; round++) {
      server.read(runtime.socket);
      server.publish();
      runtime.socket.deliver();
    }
  };
  const writes = () => runtime.socket.toServer.filter((text) => text.includes('"write"'));
  return { runtime, server, replica, events, connect, other, exchange, writes };
}

test("a local operation shows at once, and is told once", () => {
  const { replica, events, runtime } = bench();
  expect(replica.add("a")).toBe(true);
  expect(replica.add("a")).toBe(true);
  expect(replica.remove("b")).toBe(true);
  expect([replica.has("a"), replica.has("b"), [...replica.elements()]]).toEqual([true, false, ["a"]]);
  expect(replica.status).toMatchObject({ pending: 2, size: 1, serverSize: 0, verified: false, connection: "idle" });
  expect(events).toEqual([{ type: "changed", changes: [{ element: "a", present: true }] }]);
  expect(runtime.sockets).toEqual([]);
});

test("the digest is the server's while operations are under way", () => {
  const { replica, server, runtime, connect, other } = bench();
  other("add", "x");
  replica.add("a");
  connect();
  expect(replica.status).toMatchObject({ verified: true, converged: false, pending: 1, size: 2, serverSize: 1 });
  expect(replica.status.digest).toBe(server.set.proof().digest);
  server.read(runtime.socket);
  other("add", "y");
  server.publish();
  runtime.socket.deliver();
  expect(replica.status).toMatchObject({ verified: true, converged: true, pending: 0, size: 3 });
  expect(replica.status.stats.resyncs).toBe(0);
});

test("an acknowledged operation shows also before a frame brings it", () => {
  const { replica, server, runtime, connect, events } = bench();
  connect();
  replica.add("a");
  server.read(runtime.socket);
  runtime.socket.deliver();
  expect(replica.status).toMatchObject({ pending: 0, serverSize: 0, size: 1, verified: true, converged: false });
  expect(replica.has("a")).toBe(true);
  server.publish();
  runtime.socket.deliver();
  expect(replica.status).toMatchObject({ serverSize: 1, size: 1, converged: true });
  expect(events.filter(({ type }) => type === "changed")).toHaveLength(1);
});

test("a frame may come before the acknowledgement of what is in it", () => {
  const { replica, server, runtime, connect } = bench();
  connect();
  replica.add("a");
  server.read(runtime.socket);
  server.publish();
  const [ack, changes] = runtime.socket.toClient.splice(0);
  runtime.socket.toClient.push(changes!, ack!);
  runtime.socket.deliver(1);
  expect(replica.status).toMatchObject({ pending: 1, serverSize: 1, size: 1, converged: false });
  runtime.socket.deliver();
  expect(replica.status).toMatchObject({ pending: 0, size: 1, converged: true });
});

test("a second operation on an element whose first is under way is neither lost nor shown late", () => {
  const { replica, server, runtime, connect, exchange, writes } = bench();
  connect();
  replica.add("a");
  replica.remove("a");
  expect(replica.has("a")).toBe(false);
  expect(writes()).toHaveLength(1);
  server.read(runtime.socket);
  runtime.socket.deliver();
  expect(replica.status.pending).toBe(1);
  expect(replica.has("a")).toBe(false);
  exchange();
  expect(replica.status).toMatchObject({ converged: true, size: 0 });
  expect(server.set.entry("a")?.op).toBe("remove");
});

test("what was under way when the connection was cut goes again", () => {
  const { replica, server, runtime, connect, exchange } = bench();
  connect();
  replica.add("a");
  const sent = runtime.socket.toServer.at(-1)!;
  server.read(runtime.socket);
  runtime.socket.cut();
  expect(replica.status.pending).toBe(1);
  runtime.pass(250);
  server.accept(runtime.socket);
  runtime.socket.deliver();
  expect(JSON.parse(runtime.socket.toServer.at(-1)!).ops).toEqual(JSON.parse(sent).ops);
  exchange();
  expect(replica.status).toMatchObject({ converged: true, pending: 0, stats: { acknowledged: 1, reconnects: 1 } });
  expect(server.set.proof().offset).toMatch(/:1$/);
});

test("a write that nobody answers ends the connection, and goes again", () => {
  const { replica, runtime, connect } = bench();
  connect();
  replica.add("a");
  runtime.pass(20_000);
  runtime.socket.say("pong");
  runtime.pass(ACK_TIMEOUT_MS - 20_000);
  expect(replica.status).toMatchObject({ connection: "waiting", pending: 1 });
});

test("[S6] an operation too far in the future is told, dropped, and shows no longer", () => {
  const { replica, runtime, connect, exchange, events } = bench({ maxSkewMs: 10_000 }, { set: { maxSkewMs: 100 } });
  connect();
  const timestamp = runtime.nowMs() + 5_000;
  runtime.stepClock(5_000);
  replica.add("late");
  runtime.stepClock(-5_000);
  expect(replica.has("late")).toBe(true);
  exchange();
  expect(replica.has("late")).toBe(false);
  const op = { op: "add", element: "late", timestamp };
  expect(events).toContainEqual({ type: "rejected", op, reason: "future" });
  expect(replica.status).toMatchObject({ pending: 0, converged: true, stats: { rejected: 1, acknowledged: 0 } });
});

test("[S26] an operation older than what was purged is told and dropped", () => {
  const { replica, server, runtime, connect, other, exchange, events } = bench(
    {},
    { set: { tombstoneRetentionMs: 10 } },
  );
  replica.add("old");
  runtime.pass(100);
  other("remove", "gone");
  runtime.pass(100);
  server.purge();
  connect();
  exchange();
  expect(events.find(({ type }) => type === "rejected")).toMatchObject({ reason: "expired", op: { element: "old" } });
  expect(replica.status).toMatchObject({ pending: 0, size: 0, converged: true });
});

test("a reset in the middle of catching up begins again, and so does a cut right after it", () => {
  const { replica, server, runtime, other, exchange } = bench();
  for (const element of ["a", "b", "c", "d", "e"]) other("add", element);
  replica.connect();
  server.accept(runtime.socket);
  runtime.socket.deliver();
  expect(replica.status).toMatchObject({ connection: "catching-up", size: 2, verified: false });
  server.erase();
  other("add", "new");
  server.publish();
  runtime.socket.deliver(1);
  expect(replica.status).toMatchObject({ connection: "catching-up", size: 0, offset: undefined });
  runtime.socket.cut();
  runtime.pass(250);
  expect(runtime.socket.url.searchParams.has("since")).toBe(false);
  server.accept(runtime.socket);
  runtime.socket.deliver();
  exchange();
  expect([...replica.elements()]).toEqual(["new"]);
  expect(replica.status).toMatchObject({ converged: true, stats: { resyncs: 0 } });
});

test("a cut between two pages resumes at the second", () => {
  const { replica, server, runtime, other, exchange } = bench();
  for (const element of ["a", "b", "c"]) other("add", element);
  replica.connect();
  server.accept(runtime.socket);
  runtime.socket.deliver();
  runtime.socket.cut();
  runtime.pass(250);
  expect(runtime.socket.url.searchParams.get("since")).toBe("epoch1:2");
  server.accept(runtime.socket);
  runtime.socket.deliver();
  exchange();
  expect(replica.status).toMatchObject({ converged: true, size: 3 });
});

test("[S9] a state that is not the server's is thrown away and read again, later the more often it fails", () => {
  const { replica, server, runtime, connect, other, exchange, events } = bench();
  other("add", "a");
  connect();
  replica.add("own");
  const wrong = { type: "changes", offset: "epoch1:9", size: 7, digest: "0000000000000bad", changes: [], more: false };
  runtime.socket.say(wrong);
  expect(replica.status).toMatchObject({ connection: "waiting", offset: undefined, verified: false, pending: 1 });
  expect(replica.status.stats.resyncs).toBe(1);
  expect([...replica.elements()]).toEqual(["own"]);
  expect(events).toContainEqual({ type: "resync", offset: "epoch1:9" });

  const waits: number[] = [];
  for (let failures = 1; failures <= 4; failures++) {
    const before = runtime.nowMs();
    while (replica.status.connection === "waiting") runtime.pass(1);
    waits.push(runtime.nowMs() - before);
    expect(runtime.socket.url.searchParams.has("since")).toBe(false);
    runtime.socket.open();
    if (failures < 4) runtime.socket.say(wrong);
  }
  expect(waits).toEqual([125, 250, 500, 1_000]);

  runtime.socket.cut();
  while (replica.status.connection === "waiting") runtime.pass(1);
  server.accept(runtime.socket);
  runtime.socket.deliver();
  exchange();
  expect(replica.status).toMatchObject({ converged: true, size: 2 });
});

test("what a failed check throws away is told in full", () => {
  const { replica, runtime, connect, other, events } = bench();
  other("add", "a");
  other("add", "b");
  connect();
  const shown = new Set<string>();
  const show = (event: ReplicaEvent) => {
    if (event.type !== "changed") return;
    for (const { element, present } of event.changes) void (present ? shown.add(element) : shown.delete(element));
  };
  for (const event of events) show(event);
  replica.subscribe(show);
  const changes = [{ element: "a", op: "remove", timestamp: runtime.nowMs() + 1 }];
  runtime.socket.say({ type: "changes", offset: "e:9", size: 9, digest: "0000000000000bad", changes, more: false });
  expect([...shown]).toEqual([...replica.elements()]);
});

test("a replica that comes back has not converged before it has what it missed", async () => {
  const { replica, server, runtime, connect, other } = bench();
  other("add", "a");
  connect();
  replica.disconnect();
  expect(replica.status).toMatchObject({ verified: true, converged: false });
  other("add", "b");
  let sizeWhenConverged: number | undefined;
  replica.subscribe(() => {
    if (replica.converged) sizeWhenConverged ??= replica.status.size;
  });
  replica.connect();
  server.accept(runtime.socket);
  expect(replica.status.verified).toBe(false);
  runtime.socket.deliver();
  expect(sizeWhenConverged).toBe(2);
});

test("a write that is refused as a whole stays, and is tried again after a while", () => {
  const { replica, runtime, connect, exchange, events, writes } = bench();
  connect();
  replica.add("a");
  const { id } = JSON.parse(runtime.socket.heard().at(-1)!) as { id: number };
  const refusal = { type: "error", id, title: "t", status: 503, code: "overloaded", detail: "Later." };
  runtime.socket.say(refusal);
  expect(events.at(-1)).toMatchObject({ type: "problem", problem: { code: "overloaded", detail: "Later." } });
  replica.add("b");
  expect(replica.status.pending).toBe(2);
  expect(writes()).toEqual([]);
  runtime.pass(125);
  expect(writes()).toHaveLength(1);
  exchange();
  expect(replica.status).toMatchObject({ converged: true, size: 2, stats: { acknowledged: 2 } });
});

test("[R4] a write that is refused for one operation goes on without it", () => {
  const { replica, server, runtime, connect, exchange, events } = bench();
  for (const element of ["a", "b", "c"]) replica.add(element);
  connect();
  const { id } = JSON.parse(runtime.socket.heard().at(-1)!) as { id: number };
  const errors = [{ path: "ops[1].element", message: "is not to our taste" }];
  runtime.socket.say({ type: "error", id, title: "t", status: 400, code: "invalid_request", detail: "No.", errors });
  expect(events.filter(({ type }) => type === "rejected")).toMatchObject([{ op: { element: "b" }, reason: "invalid" }]);
  exchange();
  expect(replica.status).toMatchObject({ converged: true, size: 2, stats: { rejected: 1, acknowledged: 2 } });
  expect(server.set.entry("b")).toBeUndefined();
});

test("an answer to some other write changes nothing", () => {
  const { replica, runtime, connect } = bench();
  connect();
  replica.add("a");
  runtime.socket.say({ type: "ack", id: 99, offset: "e:1", size: 0, digest: "0".repeat(16), verdicts: ["applied"] });
  runtime.socket.say({ type: "error", id: null, title: "t", status: 400, code: "invalid_request", detail: "?" });
  expect(replica.status).toMatchObject({ pending: 1, stats: { acknowledged: 0 } });
});

test("the queue survives the program, and its clock goes on", () => {
  const storage = new MemoryReplicaStorage();
  const first = bench({ storage });
  first.replica.add("a");
  const stamped = first.replica.entry("a")!.timestamp;
  first.replica.close();

  const second = bench({ storage });
  second.runtime.stepClock(-10);
  expect(second.replica.has("a")).toBe(true);
  second.replica.remove("a");
  expect(second.replica.entry("a")).toMatchObject({ op: "remove", timestamp: stamped + 1 });
  second.connect();
  second.exchange();
  expect(second.replica.status).toMatchObject({ converged: true, size: 0 });
  expect(storage.load()).toEqual([]);
});

test("[R1] what the server would refuse is refused here", () => {
  const { replica } = bench();
  for (const element of ["", "a\0b", "\ud800", "x".repeat(1_025)]) {
    expect(() => replica.add(element)).toThrow(WeirError);
  }
  replica.add("x".repeat(1_024));
  expect(replica.status.pending).toBe(1);
});

test("a full queue says so, and changes nothing", () => {
  const { replica } = bench({ queueEntriesMax: 2 });
  replica.add("a");
  replica.add("b");
  expect(() => replica.add("c")).toThrow(/2 operations wait/);
  expect([replica.has("c"), replica.status.pending, replica.status.stats.ops]).toEqual([false, 2, 2]);
});

test("waits for convergence no longer than it was told", async () => {
  const { replica, runtime, connect } = bench();
  const late = replica.whenConverged(1_000);
  runtime.pass(1_000);
  expect(await late).toBe(false);
  const inTime = replica.whenConverged(1_000);
  connect();
  expect(await inTime).toBe(true);
  expect(await replica.whenConverged(0)).toBe(true);
});

test("disconnected on purpose it stays so, and connects again where it was", () => {
  const { replica, runtime, connect, other, exchange } = bench();
  other("add", "a");
  connect();
  replica.disconnect();
  runtime.pass(100_000);
  expect(runtime.sockets).toHaveLength(1);
  replica.remove("a");
  connect();
  expect(runtime.socket.url.searchParams.get("since")).toBe("epoch1:1");
  exchange();
  expect(replica.status).toMatchObject({ converged: true, size: 0 });
});
