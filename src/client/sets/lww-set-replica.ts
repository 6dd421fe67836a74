/**
 * A copy of a set that works whether there is a server or not. Local operations show at once, wait in a queue that can
 * outlive the program, and are sent until the server has acknowledged them; what others write comes in live.
 *
 * - An operation leaves the queue only when the server has said what became of it. It is stamped here, so sending it
 *   again, after a connection was cut before the answer came, changes nothing.
 * - After each frame that brings it up to date it compares the server's size and digest with those of what it has
 *   received. If they differ, which no loss or reordering should ever bring about, it reads everything again.
 */
import type { Bias, Entry, Op } from "../../core/sets/lww.ts";
import { DEFAULT_SET_OPTIONS } from "../../core/sets/lww-set.ts";
import { ElementSchema } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import { isOpenKind } from "../live/connection-state.ts";
import type { ConnectionStateKind } from "../live/connection-state.ts";
import type { LiveConnection } from "../live/live-connection.ts";
import type { Runtime } from "../runtime.ts";
import { WeirError } from "../weir-error.ts";
import { HybridClock } from "./hybrid-clock.ts";
import { OpSender } from "./op-sender.ts";
import { OpQueue, QUEUE_ENTRIES_MAX } from "./op-queue.ts";
import type { ReplicaEvent, ReplicaListener, ReplicaStats, ReplicaStatus } from "./replica-events.ts";
import { ReplicaState } from "./replica-state.ts";
import type { MembershipChange } from "./replica-state.ts";
import { MemoryReplicaStorage } from "./replica-storage.ts";
import type { ReplicaStorage } from "./replica-storage.ts";
import type { AckFrame, ChangesFrame, ErrorFrame, SetFrame } from "./set-frames.ts";
import type { SetLiveOptions } from "./set-handle.ts";

/** What a replica needs of a set's handle. */
export interface ReplicaSource {
  readonly runtime: Runtime;
  live(options: SetLiveOptions): LiveConnection<SetFrame>;
}

export interface LwwSetReplicaOptions {
  /** What wins at equal timestamps. The server doesn't tell, so it must be what the set was created with; default `add`. */
  readonly bias?: Bias;
  /** How far ahead of the clock the set accepts timestamps, in milliseconds. As the set was created; default 5 minutes. */
  readonly maxSkewMs?: number;
  /** Where operations wait for the server; in memory by default, so they go with the program. */
  readonly storage?: ReplicaStorage;
  /** Elements whose operations may wait at the same time; past it `add` and `remove` throw `overloaded`. */
  readonly queueEntriesMax?: number;
}

export class LwwSetReplica {
  readonly #runtime: Runtime;
  readonly #connection: LiveConnection<SetFrame>;
  readonly #queue: OpQueue;
  readonly #state: ReplicaState;
  readonly #sender: OpSender;
  readonly #clock: HybridClock;
  readonly #listeners = new Set<ReplicaListener>();
  readonly #stats = { ops: 0, acknowledged: 0, rejected: 0, frames: 0, resyncs: 0 };
  #failedChecks = 0;
  #verified = false;

  constructor(source: ReplicaSource, options: LwwSetReplicaOptions = {}) {
    const { bias = DEFAULT_SET_OPTIONS.bias, maxSkewMs = DEFAULT_SET_OPTIONS.maxSkewMs } = options;
    this.#runtime = source.runtime;
    this.#queue = new OpQueue(
      options.storage ?? new MemoryReplicaStorage(),
      options.queueEntriesMax ?? QUEUE_ENTRIES_MAX,
    );
    this.#state = new ReplicaState(this.#queue, bias);
    let lastMs = 0;
    for (const entry of this.#queue.entries()) lastMs = Math.max(lastMs, entry.timestamp);
    this.#clock = new HybridClock(() => this.#runtime.nowMs(), maxSkewMs, lastMs);
    this.#connection = source.live({
      onFrame: (frame) => this.#receive(frame),
      onState: (kind, former) => this.#follow(kind, former),
    });
    this.#sender = new OpSender(this.#queue, this.#connection, this.#runtime);
  }

  has(element: string): boolean {
    return this.#state.has(element);
  }

  /** The operation that decides about `element`, be it an `add` or a `remove`. */
  entry(element: string): Entry | undefined {
    return this.#state.entry(element);
  }

  /** The members, in no particular order. */
  elements(): IterableIterator<string> {
    return this.#state.members();
  }

  /** The operations that the server has not acknowledged, at most one for each element. */
  pendingOps(): IterableIterator<Entry> {
    return this.#queue.entries();
  }

  /**
   * Adds `element`, here at once and on the server as soon as it can be reached. `false` if an operation is known whose
   * timestamp is so far ahead that it wins all the same. Throws `invalid_request`, `overloaded`, and what the storage throws.
   */
  add(element: string): boolean {
    return this.#write("add", element);
  }

  /** Removes `element`; otherwise as {@link add}. */
  remove(element: string): boolean {
    return this.#write("remove", element);
  }

  /** Connects, and stays so through every loss until {@link disconnect} or {@link close}. */
  connect(): void {
    this.#connection.connect();
  }

  /** Works offline until {@link connect}. */
  disconnect(): void {
    this.#connection.disconnect();
  }

  /** Disconnects for good. What is still queued stays in the storage. */
  close(): void {
    this.#connection.close();
  }

  /** Whether something can be sent right now. */
  get isConnected(): boolean {
    return this.#connection.isOpen;
  }

  /** Hears of everything from now on; the answer ends it. */
  subscribe(listener: ReplicaListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get status(): ReplicaStatus {
    const stats: ReplicaStats = { ...this.#stats, reconnects: this.#connection.reconnects };
    return {
      connection: this.#connection.kind,
      retryAtMs: this.#connection.retryAtMs,
      refusal: this.#connection.refusal,
      pending: this.#queue.size,
      size: this.#state.size,
      offset: this.#connection.offset,
      serverSize: this.#state.serverSize,
      digest: this.#state.serverDigest,
      verified: this.#verified,
      converged: this.converged,
      stats,
    };
  }

  /** Nothing is under way in either direction: connected, verified, and everything of its own is in there. */
  get converged(): boolean {
    return this.#connection.kind === "live" && this.#verified && this.#state.isAllServer;
  }

  /** Resolves when it is {@link converged}, or with `false` when that takes longer than `timeoutMs`. */
  whenConverged(timeoutMs: number): Promise<boolean> {
    if (this.converged) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (converged: boolean) => {
        cancel();
        unsubscribe();
        resolve(converged);
      };
      const cancel = this.#runtime.setTimer(timeoutMs, () => settle(false));
      const unsubscribe = this.subscribe(() => {
        if (this.converged) settle(true);
      });
    });
  }

  #write(op: Op, element: string): boolean {
    const parsed = parse(ElementSchema, element, "element");
    if (!parsed.ok) throw WeirError.of(parsed.problem);
    const wasPresent = this.#state.has(element);
    const written = this.#state.write(op, element, this.#clock) !== undefined;
    if (!written) return false;
    this.#stats.ops += 1;
    this.#sender.send();
    const present = this.#state.has(element);
    this.#tell(present === wasPresent ? [] : [{ element, present }]);
    return true;
  }

  #receive(frame: SetFrame): void {
    switch (frame.type) {
      case "changes":
        return this.#receiveChanges(frame);
      case "reset":
        this.#verified = false;
        return this.#tell(this.#state.forget());
      case "ack":
        return this.#receiveAck(frame);
      case "error":
        return this.#receiveError(frame);
    }
  }

  #receiveChanges(frame: ChangesFrame): void {
    this.#stats.frames += 1;
    const changes = this.#state.receive(frame.changes);
    if (frame.more) this.#verified = false;
    else if (this.#state.matches(frame)) {
      this.#verified = true;
      this.#failedChecks = 0;
    } else return this.#resync(frame.offset, changes);
    this.#tell(changes);
  }

  /** @param changes not told yet */
  #resync(offset: string, changes: readonly MembershipChange[]): void {
    this.#stats.resyncs += 1;
    this.#failedChecks += 1;
    this.#verified = false;
    const forgotten = this.#state.forget();
    this.#connection.resync(this.#failedChecks);
    this.#tell([...changes, ...forgotten], { type: "resync", offset });
  }

  #receiveAck({ id, verdicts }: AckFrame): void {
    const ops = this.#sender.land(id);
    if (ops === undefined) return;
    if (verdicts.length !== ops.length) return this.#connection.fault();
    const changes = this.#state.settle(ops, verdicts);
    const events: ReplicaEvent[] = [{ type: "acknowledged", ops, verdicts }];
    for (const [index, op] of ops.entries()) {
      const verdict = verdicts[index];
      if (verdict === "future" || verdict === "expired") events.push({ type: "rejected", op, reason: verdict });
    }
    this.#stats.rejected += events.length - 1;
    this.#stats.acknowledged += ops.length - (events.length - 1);
    this.#sender.succeed();
    this.#tell(changes, ...events);
  }

  /**
   * A write that the server refuses for single operations goes on without them. One that it refuses as a whole stays in
   * the queue and is tried again, for it may be the server's state, or the token, that stands against it.
   */
  #receiveError({ id, code, detail, errors }: ErrorFrame): void {
    const ops = this.#sender.land(id);
    if (ops === undefined) return;
    const rejected = code === "invalid_request" ? namedOps(ops, errors ?? []) : [];
    const problem: ReplicaEvent = { type: "problem", problem: { code, detail, errors } };
    if (rejected.length > 0) {
      // Settled without a verdict, so they are dropped.
      const changes = this.#state.settle(rejected, []);
      this.#stats.rejected += rejected.length;
      this.#sender.send();
      return this.#tell(
        changes,
        problem,
        ...rejected.map((op) => ({ type: "rejected", op, reason: "invalid" }) as const),
      );
    }
    this.#sender.holdBack();
    this.#tell([], problem);
  }

  #follow(kind: ConnectionStateKind, former: ConnectionStateKind): void {
    if (isOpenKind(former) && !isOpenKind(kind)) this.#sender.abandon();
    // Meanwhile the server went on: only its first frame tells how far.
    if (isOpenKind(kind) && !isOpenKind(former)) this.#verified = false;
    this.#sender.send();
    this.#tell([]);
  }

  /** Always the last thing done, so that a listener finds everything settled and may call anything. */
  #tell(changes: readonly MembershipChange[], ...events: readonly ReplicaEvent[]): void {
    const all: ReplicaEvent[] = [...events];
    if (changes.length > 0) all.push({ type: "changed", changes });
    all.push({ type: "status" });
    for (const event of all) for (const listener of this.#listeners) listener(event);
  }
}

/** The operations that the paths of `errors` name, as in `ops[3].element`. */
function namedOps(ops: readonly Entry[], errors: readonly { readonly path: string }[]): readonly Entry[] {
  const indexes = new Set(errors.map(({ path }) => Number(/^ops\[(\d+)\]/.exec(path)?.[1] ?? -1)));
  return ops.filter((_, index) => indexes.has(index));
}
