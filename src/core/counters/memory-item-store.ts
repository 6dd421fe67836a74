/** A tenant's items in memory: the reference that the SQL store is tested against. Forgets everything with the process. */
import type { CounterHead, ItemStore } from "./item-store.ts";

export class MemoryItemStore implements ItemStore {
  readonly #countedMs = new Map<string, number>();
  #head: CounterHead | undefined;

  head(): CounterHead | undefined {
    return this.#head;
  }

  counted(ids: readonly string[]): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    for (const id of ids) {
      const atMs = this.#countedMs.get(id);
      if (atMs !== undefined) found.set(id, atMs);
    }
    return found;
  }

  commit(ids: readonly string[], atMs: number, head: CounterHead): void {
    if (ids.some((id) => this.#countedMs.has(id)) || new Set(ids).size < ids.length) {
      throw new Error("An item can't be counted twice.");
    }
    for (const id of ids) this.#countedMs.set(id, atMs);
    this.#head = head;
  }
}
