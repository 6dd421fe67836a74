/**
 * Replicas against a server through everything that can happen to them, in any order: writes, cuts at any message,
 * crashes on both sides, erasure, purges, clocks that step. In the end they must agree, and nothing acknowledged be gone.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LwwSetReplica, MemoryReplicaStorage, WeirClient } from "../../../src/client/index.ts";
import type { Bias, Entry, Op, ReplicaEvent } from "../../../src/client/index.ts";
import { supersedes } from "../../../src/core/sets/lww.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";
import { FakeSetServer } from "../../support/fake-set-server.ts";

const REPLICAS = 3;
const SKEW_MS_MAX = 50;

/** One replica, what it keeps on disk, and what its user believes. */
class Client {
  readonly storage = new MemoryReplicaStorage();
  readonly runtime: FakeRuntime;
  readonly bias: Bias;
  replica: LwwSetReplica;
  /** What was written here and neither rejected nor replaced by a later write; the server must get it. */
  readonly owed = new Map<string, Entry>();
  /** The members as told, change by change. */
  shown = new Set<string>();
  rejected = 0;

  constructor(runtime: FakeRuntime, bias: Bias) {
    this.runtime = runtime;
    this.bias = bias;
    this.replica = this.#start();
  }

  write(op: Op, element: string): void {
    const written = op === "add" ? this.replica.add(element) : this.replica.remove(element);
    const entry = this.replica.entry(element)!;
    if (!written) {
      // Only an entry that no stamp within the skew can beat may win.
      expect(entry.timestamp).toBeGreaterThanOrEqual(this.runtime.nowMs() + SKEW_MS_MAX);
      return;
    }
    expect(entry.op).toBe(op);
    this.owed.set(element, entry);
  }

  crash(): void {
    this.replica.close();
    this.replica = this.#start();
  }

  get socket() {
    return this.runtime.sockets.at(-1);
  }

  #start(): LwwSetReplica {
    const client = new WeirClient({ url: "http://weir.test", runtime: this.runtime });
    const replica = new LwwSetReplica(client.set("s"), {
      bias: this.bias,
      maxSkewMs: SKEW_MS_MAX,
      storage: this.storage,
    });
    this.shown = new Set(replica.elements());
    replica.subscribe((event) => this.#hear(event));
    return replica;
  }

  #hear(event: ReplicaEvent): void {
    if (event.type === "changed") {
      for (const { element, present } of event.changes) {
        expect(this.shown.has(element), "told what was known").toBe(!present);
        if (present) this.shown.add(element);
        else this.shown.delete(element);
      }
    }
    if (event.type !== "rejected") return;
    this.rejected += 1;
    const { element, timestamp } = event.op;
    if (this.owed.get(element)?.timestamp === timestamp) this.owed.delete(element);
  }
}

class World {
  readonly runtime = new FakeRuntime();
  readonly clients: readonly Client[];
  readonly server: FakeSetServer;

  constructor(bias: Bias) {
    // The clients share the clock with the server, but for the steps that it takes.
    this.clients = Array.from({ length: REPLICAS }, () => new Client(new FakeRuntime(), bias));
    this.server = new FakeSetServer(this.runtime, {
      set: { bias, maxSkewMs: SKEW_MS_MAX, tombstoneRetentionMs: 20 },
    });
  }

  pass(ms: number): void {
    this.runtime.pass(ms);
    for (const { runtime } of this.clients) runtime.pass(ms);
  }

  /** What the server has accepted it owes no more: it is about to forget it. */
  release(): void {
    for (const { op, element, timestamp } of this.server.accepted) {
      for (const { owed } of this.clients) {
        const entry = owed.get(element);
        if (entry?.op === op && entry.timestamp === timestamp) owed.delete(element);
      }
    }
  }

  serve({ socket }: Client): void {
    if (socket === undefined) return;
    this.server.accept(socket);
    this.server.read(socket);
    this.server.publish();
    socket.deliver();
  }

  /** Lets everyone come home: all connected, all delivered, until nothing moves. */
  settle(): void {
    this.server.isUp = true;
    for (const { replica, runtime } of this.clients) {
      runtime.setNetwork(true);
      replica.connect();
    }
    for (let round = 0; round < 200 && !this.#isSettled(); round++) {
      for (const client of this.clients) this.serve(client);
      this.pass(round < 150 ? 10 : 31_000);
    }
  }

  #isSettled(): boolean {
    const { offset } = this.server.set.proof();
    return this.clients.every(({ replica }) => replica.converged && replica.status.offset === offset);
  }

  check(): void {
    const { size, digest, offset } = this.server.set.proof();
    for (const { replica, owed, shown } of this.clients) {
      const { status } = replica;
      expect(status).toMatchObject({ converged: true, pending: 0, size, serverSize: size, digest, offset });
      expect(status.stats.resyncs, "a failed check shows a loss").toBe(0);
      expect([...replica.elements()]).toHaveLength(size);
      expect([...shown].toSorted()).toEqual([...replica.elements()].toSorted());
      for (const element of replica.elements()) expect(this.server.set.entry(element)?.op).toBe("add");
      for (const entry of owed.values()) this.#checkHolds(entry);
    }
    for (const entry of this.server.accepted) this.#checkHolds(entry);
  }

  #checkHolds(entry: Entry): void {
    const held = this.server.set.entry(entry.element);
    expect(held, JSON.stringify(entry)).toBeDefined();
    const { bias } = this.server.set.options!;
    expect(supersedes(entry, held, bias), `${JSON.stringify(entry)} after ${JSON.stringify(held)}`).toBe(false);
  }
}

type Step = (world: World) => void;

const who = fc.nat(REPLICAS - 1);
const forOne = (act: (client: Client, world: World) => void): fc.Arbitrary<Step> =>
  who.map((index) =>
    Object.assign((world: World) => act(world.clients[index]!, world), { toString: () => act.toString() }),
  );

const write = fc.tuple(who, fc.constantFrom("add" as const, "remove" as const), fc.constantFrom("a", "b", "c")).map(
  ([index, op, element]): Step =>
    (world) =>
      world.clients[index]!.write(op, element),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: write },
  { weight: 6, arbitrary: forOne(({ replica }) => replica.connect()) },
  { weight: 1, arbitrary: forOne(({ replica }) => replica.disconnect()) },
  {
    weight: 1,
    arbitrary: fc.tuple(who, fc.boolean()).map(
      ([i, on]): Step =>
        (w) =>
          w.clients[i]!.runtime.setNetwork(on),
    ),
  },
  // So that histories get anywhere: one is served as if nothing were wrong.
  { weight: 12, arbitrary: forOne((client, world) => world.serve(client)) },
  { weight: 5, arbitrary: forOne(({ socket }, { server }) => socket && server.accept(socket)) },
  { weight: 6, arbitrary: forOne(({ socket }, { server }) => socket && server.read(socket)) },
  { weight: 6, arbitrary: forOne(({ socket }) => socket?.deliver(1)) },
  { weight: 2, arbitrary: forOne(({ socket }) => socket?.deliver()) },
  { weight: 2, arbitrary: forOne(({ socket }) => socket?.cut()) },
  { weight: 1, arbitrary: forOne((client) => client.crash()) },
  { weight: 1, arbitrary: forOne(({ runtime }) => runtime.stepClock(-30)) },
  { weight: 1, arbitrary: forOne(({ runtime }) => runtime.stepClock(80)) },
  { weight: 5, arbitrary: fc.constant<Step>(({ server }) => server.publish()) },
  { weight: 1, arbitrary: fc.constant<Step>(({ server }) => server.crash()) },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (isUp): Step =>
        ({ server }) =>
          void (server.isUp = isUp),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Step>((world) => {
      world.release();
      world.server.erase();
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Step>((world) => {
      world.release();
      world.server.purge();
    }),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(1, 10, 300, 26_000).map(
      (ms): Step =>
        (world) =>
          world.pass(ms),
    ),
  },
);

test.each(["add", "remove"] as const)(
  "[S3] [S16] replicas converge through every loss, and nothing acknowledged is missing (bias %s)",
  (bias) => {
    const seen = { rejected: 0, reconnects: 0, acknowledged: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const world = new World(bias);
        for (const act of steps) act(world);
        world.settle();
        world.check();
        for (const { replica, rejected } of world.clients) {
          seen.rejected += rejected;
          seen.reconnects += replica.status.stats.reconnects;
          seen.acknowledged += replica.status.stats.acknowledged;
        }
      }),
      { numRuns: 400 },
    );
    // Histories in which nothing goes wrong would prove nothing.
    expect(seen.rejected).toBeGreaterThan(10);
    expect(seen.reconnects).toBeGreaterThan(100);
    expect(seen.acknowledged).toBeGreaterThan(1_000);
  },
);
