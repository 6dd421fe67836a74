/** A tenant's items in memory: the reference that the SQL store is tested against. Forgets everything with the process. */
import { compareCodePoints } from "../text.ts";
import type { CountedItem, CounterHead, ItemStore } from "./item-store.ts";

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
    this.restore(
      ids.map((id) => ({ id, at: atMs })),
      head,
    );
  }

  restore(items: readonly CountedItem[], head: CounterHead): void {
    const ids = new Set(items.map(({ id }) => id));
    if (ids.size < items.length || items.some(({ id }) => this.#countedMs.has(id))) {
      throw new Error("An item can't be counted twice.");
    }
    for (const { id, at } of items) this.#countedMs.set(id, at);
    this.#head = head;
  }

  items(after: string, limit: number): readonly CountedItem[] {
    return [...this.#countedMs]
      .filter(([id]) => compareCodePoints(id, after) > 0)
      .toSorted(([a], [b]) => compareCodePoints(a, b))
      .slice(0, limit)
      .map(([id, at]) => ({ id, at }));
  }
}
