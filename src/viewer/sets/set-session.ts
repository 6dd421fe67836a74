/**
 * One set as this page takes part in it: the SDK's replica, and what the page wants to know that the replica doesn't say
 * by itself: which elements to show while their removal is pending, and what to note in the log.
 *
 * Holds no copy of the set. What has not been acknowledged is kept by the browser for this tab, so it survives a reload.
 */
import { LwwSetReplica, MemoryReplicaStorage, WebReplicaStorage, WeirError } from "../../client/index.ts";
import type {
  Entry,
  MembershipChange,
  ReplicaEvent,
  ReplicaStatus,
  ReplicaStorage,
  WeirClient,
} from "../../client/index.ts";
import { ChangeBatch } from "./change-batch.ts";
import type { ShownElement } from "./element-window.ts";
import { refusalSentence } from "./refusal-sentence.ts";
import type { ProofState } from "./readout.ts";

export interface SetSessionListener {
  /** Something is to be drawn anew. */
  changed(): void;
  /** An operation that was accepted here is not accepted there, or can't be told; why, in a sentence. */
  refused(sentence: string): void;
}

export class SetSession {
  readonly #replica: LwwSetReplica;
  readonly #listener: SetSessionListener;
  #changes = new ChangeBatch();
  /** The former timestamps of the elements whose removal is pending. */
  readonly #placesMs = new Map<string, number>();
  /** The first complete state has come. What came before it is not news. */
  #read = false;
  #differs = false;
  #writing = false;

  constructor(client: WeirClient, name: string, listener: SetSessionListener) {
    this.#listener = listener;
    this.#replica = new LwwSetReplica(client.set(name), { storage: tabStorage(name) });
    this.#replica.subscribe((event) => this.#hear(event));
  }

  get status(): ReplicaStatus {
    return this.#replica.status;
  }

  get proof(): ProofState {
    const { verified, offset, connection } = this.#replica.status;
    if (verified) return connection === "live" ? "verified" : "verified-before";
    if (this.#differs) return "differs";
    return offset === undefined && !this.#read ? "none" : "waiting";
  }

  /** The members, and beside them what this page removed and the server doesn't know of yet. In no particular order. */
  *elements(): Generator<ShownElement, void, undefined> {
    const pending = new Map<string, Entry>();
    for (const op of this.#replica.pendingOps()) pending.set(op.element, op);
    for (const element of this.#replica.elements()) {
      const timestamp = this.#replica.entry(element)?.timestamp ?? 0;
      yield { element, timestamp, placeMs: timestamp, removed: false, pending: pending.has(element) };
    }
    for (const { element, timestamp } of pending.values()) {
      if (this.#replica.has(element)) continue;
      yield { element, timestamp, placeMs: this.#placesMs.get(element) ?? timestamp, removed: true, pending: true };
    }
  }

  has(element: string): boolean {
    return this.#replica.has(element);
  }

  /** Why it couldn't, in a sentence; `undefined` if it could. */
  add(element: string): string | undefined {
    return this.#write(() => this.#replica.add(element), element);
  }

  /** As {@link add}. */
  remove(element: string): string | undefined {
    const former = this.#replica.entry(element);
    if (former?.op === "add") this.#placesMs.set(element, former.timestamp);
    return this.#write(() => this.#replica.remove(element), element);
  }

  connect(): void {
    this.#replica.connect();
  }

  disconnect(): void {
    this.#replica.disconnect();
  }

  close(): void {
    this.#replica.close();
  }

  /** What changed since the last call. */
  takeChanges(): ChangeBatch {
    const changes = this.#changes;
    this.#changes = new ChangeBatch();
    return changes;
  }

  #write(write: () => boolean, element: string): string | undefined {
    this.#writing = true;
    try {
      return write() ? undefined : refusalSentence("outdone", element);
    } catch (error) {
      // The storage throws what the browser throws when it is full.
      return error instanceof WeirError ? error.detail : refusalSentence("unkept", element);
    } finally {
      this.#writing = false;
    }
  }

  #hear(event: ReplicaEvent): void {
    switch (event.type) {
      case "changed":
        if (this.#read || this.#writing) this.#log(event.changes);
        break;
      case "status":
        if (this.#replica.status.verified) {
          this.#read = true;
          this.#differs = false;
        }
        break;
      case "rejected":
        this.#listener.refused(refusalSentence(event.reason, event.op.element));
        break;
      case "problem":
        this.#listener.refused(`The server does not take what is pending: ${event.problem.detail}`);
        break;
      case "resync":
        this.#differs = true;
        break;
      case "acknowledged":
        for (const op of event.ops) this.#placesMs.delete(op.element);
        break;
    }
    this.#listener.changed();
  }

  #log(changes: readonly MembershipChange[]): void {
    const atMs = Date.now();
    for (const { element, present } of changes) {
      this.#changes.push({ element, op: present ? "add" : "remove", atMs, own: this.#writing });
    }
  }
}

/** Of this tab alone: two replicas must not share one. A browser that is told to keep nothing throws. */
function tabStorage(name: string): ReplicaStorage {
  try {
    return new WebReplicaStorage(name, sessionStorage);
  } catch {
    return new MemoryReplicaStorage();
  }
}
