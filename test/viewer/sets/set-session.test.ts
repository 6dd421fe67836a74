/** One set as the page takes part in it, against a server by hand. */
import { beforeEach, describe, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import { SetSession } from "../../../src/viewer/sets/set-session.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";
import { FakeSetServer } from "../../support/fake-set-server.ts";

let runtime: FakeRuntime;
let server: FakeSetServer;
let session: SetSession;
let refused: string[];
let drawn: number;

beforeEach(() => {
  runtime = new FakeRuntime();
  server = new FakeSetServer(runtime);
  refused = [];
  drawn = 0;
  session = new SetSession(new WeirClient({ url: "http://weir.test", runtime }), "s", {
    changed: () => (drawn += 1),
    refused: (sentence) => refused.push(sentence),
  });
});

/** Someone else writes to the server. */
function write(op: "add" | "remove", ...elements: readonly string[]): void {
  const ops = elements.map((element) => ({ op, element }));
  server.set.apply(ops, runtime.nowMs(), () => "never");
}

/** Lets everything arrive that is under way, in both directions. */
function settle(): void {
  const { socket } = runtime;
  server.accept(socket);
  for (let round = 0; round < 10; round++) {
    server.publish();
    socket.deliver();
    server.read(socket);
  }
}

function shown(): readonly string[] {
  return [...session.elements()].map(({ element, removed, pending }) => {
    return `${element}${removed ? " removed" : ""}${pending ? " pending" : ""}`;
  });
}

function logged(): readonly string[] {
  return session.takeChanges().listed!.map(({ op, element, own }) => `${op} ${element}${own ? " own" : ""}`);
}

describe("a session", () => {
  it("reads the set, which is no news, and then notes what changes", () => {
    write("add", "a", "b", "c");
    expect(session.proof).toBe("none");
    session.connect();
    settle();
    expect(shown()).toEqual(["a", "b", "c"]);
    expect(session.proof).toBe("verified");
    expect(logged()).toEqual([]);

    write("add", "d");
    write("remove", "a");
    settle();
    expect(shown()).toEqual(["b", "c", "d"]);
    expect(logged().toSorted()).toEqual(["add d", "remove a"]);
    expect(logged()).toEqual([]);
  });

  it("shows what is pending, removals too, until the server has it", () => {
    write("add", "a", "b");
    session.connect();
    settle();
    session.disconnect();
    expect(session.proof).toBe("verified-before");
    expect(session.add("c")).toBeUndefined();
    expect(session.remove("a")).toBeUndefined();
    expect(shown()).toEqual(["b", "c pending", "a removed pending"]);
    // It is not the newest because it was removed last.
    const a = [...session.elements()].find(({ element }) => element === "a");
    expect(a?.placeMs).toBe(server.set.entry("a")?.timestamp);
    expect(a?.timestamp).toBeGreaterThan(a!.placeMs);
    expect(session.status.pending).toBe(2);
    expect(logged()).toEqual(["add c own", "remove a own"]);

    session.connect();
    settle();
    expect(shown().toSorted()).toEqual(["b", "c"]);
    expect(session.status.pending).toBe(0);
    expect(session.proof).toBe("verified");
    expect(logged()).toEqual([]);
    expect(server.set.entry("a")?.op).toBe("remove");
  });

  it("is waiting while there is more to come", () => {
    write("add", "a", "b", "c");
    session.connect();
    server.accept(runtime.socket);
    runtime.socket.deliver(1);
    expect(session.status.connection).toBe("catching-up");
    expect(session.proof).toBe("waiting");
  });

  it("says that a digest differs until it has been read again", () => {
    session.connect();
    server.accept(runtime.socket);
    runtime.socket.toClient.length = 0;
    runtime.socket.say({ type: "changes", offset: "x:1", size: 1, digest: "0".repeat(16), changes: [], more: false });
    expect(session.proof).toBe("differs");
    runtime.pass(60_000);
    settle();
    expect(session.proof).toBe("verified");
  });

  it("says in a sentence what the server did not accept", () => {
    server = new FakeSetServer(runtime, { set: { maxSkewMs: 0 } });
    session.connect();
    settle();
    // A stamp is later than the last, so the second of two in a millisecond is ahead of a clock that stands still.
    session.add("a");
    session.add("b");
    settle();
    expect(refused).toEqual([expect.stringContaining("“b”: this computer’s clock")]);
    expect(shown()).toEqual(["a"]);
    expect(logged()).toEqual(["add a own", "add b own", "remove b"]);
  });

  it("says when it will try again", () => {
    session.connect();
    settle();
    expect(session.status.retryAtMs).toBeUndefined();
    runtime.socket.cut();
    const { retryAtMs } = session.status;
    expect(retryAtMs).toBeGreaterThan(runtime.nowMs());
    const before = runtime.sockets.length;
    runtime.pass(retryAtMs! - runtime.nowMs() - 1);
    expect(runtime.sockets.length).toBe(before);
    runtime.pass(1);
    expect(runtime.sockets.length).toBe(before + 1);
    expect(session.status.retryAtMs).toBeUndefined();
  });

  it("asks to be drawn whenever something is different, and no more once it is closed", () => {
    session.connect();
    settle();
    drawn = 0;
    write("add", "a");
    settle();
    expect(drawn).toBeGreaterThan(0);
    session.close();
    drawn = 0;
    write("add", "b");
    server.publish();
    expect(drawn).toBe(0);
  });
});
