/**
 * Where a replica keeps the operations that the server has not acknowledged, so that they survive the program. The state
 * of the server is not kept: it is there to be had again, and a state and an offset that are not of the same moment
 * would be worse than none.
 *
 * Synchronous, so that an operation is kept before it shows. One replica to one storage at a time.
 */
import * as v from "valibot";
import type { Entry } from "../../core/sets/lww.ts";
import { ElementSchema, TimestampMsSchema } from "../../protocol/names.ts";
import { parseJson } from "../../protocol/parse-json.ts";
import { OpSchema } from "../../protocol/sets.ts";

export interface ReplicaStorage {
  /** Everything that was put and not removed since. */
  load(): readonly Entry[];

  /** Keeps `entry` in the place of its element's former one. Throws if it can't. */
  put(entry: Entry): void;

  /** Forgets those of `entries` that are still the ones of their elements. */
  remove(entries: readonly Entry[]): void;
}

/** Gone with the program. */
export class MemoryReplicaStorage implements ReplicaStorage {
  readonly #entries = new Map<string, Entry>();

  load(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  put(entry: Entry): void {
    this.#entries.set(entry.element, entry);
  }

  remove(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (sameEntry(this.#entries.get(entry.element), entry)) this.#entries.delete(entry.element);
    }
  }
}

/** The part of the Web Storage API that is used. */
export type KeyValueStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** In `localStorage` or `sessionStorage`: a key for each operation, so that keeping one costs the same however many wait. */
export class WebReplicaStorage implements ReplicaStorage {
  readonly #storage: KeyValueStorage;
  readonly #prefix: string;

  /** @param name of this replica; another tab that works on the same set needs another, or they forget each other's */
  constructor(name: string, storage: KeyValueStorage = localStorage) {
    this.#storage = storage;
    this.#prefix = `weir:${encodeURIComponent(name)}:`;
  }

  load(): readonly Entry[] {
    const entries: Entry[] = [];
    for (let index = 0; index < this.#storage.length; index++) {
      const key = this.#storage.key(index);
      if (key?.startsWith(this.#prefix) !== true) continue;
      const entry = this.#read(key.slice(this.#prefix.length));
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  put({ element, op, timestamp }: Entry): void {
    this.#storage.setItem(this.#prefix + element, JSON.stringify({ op, timestamp }));
  }

  remove(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (sameEntry(this.#read(entry.element), entry)) this.#storage.removeItem(this.#prefix + entry.element);
    }
  }

  #read(element: string): Entry | undefined {
    const text = this.#storage.getItem(this.#prefix + element);
    return text === null ? undefined : parseStoredEntry(text, element);
  }
}

const StoredEntrySchema = v.object({ element: ElementSchema, op: OpSchema, timestamp: TimestampMsSchema });

/** An entry from its JSON; `undefined` where it is none, for others may write to a storage too. */
export function parseStoredEntry(text: string, element?: string): Entry | undefined {
  let json = parseJson(text);
  if (element !== undefined && typeof json === "object") json = { ...json, element };
  const parsed = v.safeParse(StoredEntrySchema, json);
  return parsed.success ? parsed.output : undefined;
}

export function sameEntry(a: Entry | undefined, b: Entry): boolean {
  return a !== undefined && a.element === b.element && a.op === b.op && a.timestamp === b.timestamp;
}
