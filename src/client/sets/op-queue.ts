/**
 * The operations that the server has not acknowledged, one for each element: of two on the same element the greater says
 * it all. Kept in the storage before they count as queued, and until the server has said what became of them.
 */
import type { Entry } from "../../core/sets/lww.ts";
import { utf8Length } from "../../core/text.ts";
import { limits } from "../../protocol/limits.ts";
import { WeirError } from "../weir-error.ts";
import { sameEntry } from "./replica-storage.ts";
import type { ReplicaStorage } from "./replica-storage.ts";

/** Elements with an operation that waits. At some 200 bytes each this is what a browser's storage can hold. */
export const QUEUE_ENTRIES_MAX = 25_000;

/** What goes into one write frame besides its operations. */
const FRAME_BYTES = 128;

/** Operations for one frame, and their JSON. */
export interface Batch {
  readonly ops: readonly Entry[];
  readonly json: string;
}

export class OpQueue {
  readonly #storage: ReplicaStorage;
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Entry>();

  constructor(storage: ReplicaStorage, entriesMax: number) {
    this.#storage = storage;
    this.#entriesMax = entriesMax;
    for (const entry of storage.load()) this.#entries.set(entry.element, entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(element: string): Entry | undefined {
    return this.#entries.get(element);
  }

  entries(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Queues `entry` in the place of its element's former one. Throws `overloaded` when the queue is full. */
  put(entry: Entry): void {
    if (this.#entries.size >= this.#entriesMax && !this.#entries.has(entry.element)) {
      const detail = `${this.#entriesMax} operations wait for the server already; connect, or wait until it has them.`;
      throw new WeirError({ code: "overloaded", detail });
    }
    this.#storage.put(entry);
    this.#entries.set(entry.element, entry);
  }

  /** The server has said what became of these. Those that were replaced meanwhile stay. */
  settle(ops: readonly Entry[]): void {
    this.#storage.remove(ops);
    for (const op of ops) if (sameEntry(this.#entries.get(op.element), op)) this.#entries.delete(op.element);
  }

  /** The oldest, as many as one frame may carry. */
  batch(): Batch {
    const ops: Entry[] = [];
    const texts: string[] = [];
    let bytes = FRAME_BYTES;
    for (const entry of this.#entries.values()) {
      const text = JSON.stringify({ op: entry.op, element: entry.element, timestamp: entry.timestamp });
      bytes += utf8Length(text) + 1;
      if (ops.length === limits.batchEntriesMax || bytes > limits.bodyBytesMax) break;
      ops.push(entry);
      texts.push(text);
    }
    return { ops, json: `[${texts.join(",")}]` };
  }
}
