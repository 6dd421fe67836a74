/**
 * What a replica shows: the server's state as far as it is known, and on top of it the operations of its own that are
 * not in there yet, queued or acknowledged. For each element the greatest of the three decides.
 *
 * The layers are never merged into one. So an operation that is refused just goes away, and the server's part can be
 * proven whatever is on top.
 */
import type { Verdict } from "../../core/sets/decide.ts";
import { isMember, supersedes } from "../../core/sets/lww.ts";
import type { Bias, Entry, Op } from "../../core/sets/lww.ts";
import type { SetProof } from "../../core/sets/lww-set.ts";
import type { HybridClock } from "./hybrid-clock.ts";
import type { OpQueue } from "./op-queue.ts";
import { ServerCopy } from "./server-copy.ts";

/** An element that became a member, or ceased to be one. */
export interface MembershipChange {
  readonly element: string;
  readonly present: boolean;
}

export class ReplicaState {
  readonly #bias: Bias;
  readonly #queue: OpQueue;
  readonly #server = new ServerCopy();
  /** Acknowledged, so the server has these or greater, but no frame has brought them yet. */
  readonly #acknowledged = new Map<string, Entry>();

  constructor(queue: OpQueue, bias: Bias) {
    this.#queue = queue;
    this.#bias = bias;
  }

  /** The entry that decides about `element`. */
  entry(element: string): Entry | undefined {
    let greatest = this.#server.get(element);
    for (const entry of [this.#acknowledged.get(element), this.#queue.get(element)]) {
      if (entry !== undefined && supersedes(entry, greatest, this.#bias)) greatest = entry;
    }
    return greatest;
  }

  has(element: string): boolean {
    return isMember(this.entry(element));
  }

  /** The members, in no particular order. */
  *members(): Generator<string, void, undefined> {
    for (const { element } of this.#server.entries()) if (this.has(element)) yield element;
    for (const element of this.#ownElements()) {
      if (this.#server.get(element) === undefined && this.has(element)) yield element;
    }
  }

  get size(): number {
    let { size } = this.#server;
    for (const element of this.#ownElements()) {
      size += Number(this.has(element)) - Number(isMember(this.#server.get(element)));
    }
    return size;
  }

  /** Of the server's part. */
  get serverSize(): number {
    return this.#server.size;
  }

  /** Of the server's part. */
  get serverDigest(): string {
    return this.#server.digest;
  }

  /** Whether everything of its own has come back in the server's state. */
  get isAllServer(): boolean {
    return this.#queue.size === 0 && this.#acknowledged.size === 0;
  }

  /** Whether the server's part is the state of `proof`, all of which has been received. */
  matches({ size, digest }: Pick<SetProof, "size" | "digest">): boolean {
    return this.#server.size === size && this.#server.digest === digest;
  }

  /** A local operation. `undefined` if even the latest stamp that the server would accept loses against what is known. */
  write(op: Op, element: string, clock: HybridClock): Entry | undefined {
    const current = this.entry(element);
    const entry: Entry = { element, op, timestamp: clock.stamp(current?.timestamp) };
    if (!supersedes(entry, current, this.#bias)) return undefined;
    this.#queue.put(entry);
    return entry;
  }

  /** The server's own words. */
  receive(changes: readonly Entry[]): readonly MembershipChange[] {
    return this.#observe(
      changes.map((change) => change.element),
      () => {
        for (const change of changes) {
          this.#server.apply(change);
          const own = this.#acknowledged.get(change.element);
          if (own !== undefined && own.timestamp <= change.timestamp) this.#acknowledged.delete(change.element);
        }
      },
    );
  }

  /** What the server said to `ops`. */
  settle(ops: readonly Entry[], verdicts: readonly Verdict[]): readonly MembershipChange[] {
    return this.#observe(
      ops.map((op) => op.element),
      () => {
        for (const [index, op] of ops.entries()) {
          const verdict = verdicts[index];
          if (verdict === "applied" || verdict === "superseded") this.#acknowledge(op);
        }
        this.#queue.settle(ops);
      },
    );
  }

  /** Forgets the server's part, and what was acknowledged: it is in what follows, or was erased. */
  forget(): readonly MembershipChange[] {
    const elements = [...this.#server.entries(), ...this.#acknowledged.values()].map(({ element }) => element);
    return this.#observe(elements, () => {
      this.#server.clear();
      this.#acknowledged.clear();
    });
  }

  #acknowledge(op: Entry): void {
    const known = this.#server.get(op.element);
    if (known !== undefined && known.timestamp >= op.timestamp) return;
    const former = this.#acknowledged.get(op.element);
    if (supersedes(op, former, this.#bias)) this.#acknowledged.set(op.element, op);
  }

  /** Which of `elements` became members, or ceased to be, by `change`. */
  #observe(elements: readonly string[], change: () => void): readonly MembershipChange[] {
    const before = new Map(elements.map((element) => [element, this.has(element)]));
    change();
    const changes: MembershipChange[] = [];
    for (const [element, wasPresent] of before) {
      const present = this.has(element);
      if (present !== wasPresent) changes.push({ element, present });
    }
    return changes;
  }

  #ownElements(): ReadonlySet<string> {
    const elements = new Set(this.#acknowledged.keys());
    for (const { element } of this.#queue.entries()) elements.add(element);
    return elements;
  }
}
