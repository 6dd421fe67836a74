/**
 * Counts the distinct items of one tenant over a store: every id once, for ever. Holds the head in memory, nothing else,
 * so a call costs what its batch costs, however many items there are.
 *
 * Everything is synchronous: a call leaves the store either untouched or with the whole change.
 */
import { formatOffset, isNothing, NOTHING } from "../offset.ts";
import type { Offset } from "../offset.ts";
import { distinct } from "./distinct.ts";
import type { Verdict } from "./distinct.ts";
import type { CountedItem, CounterHead, ItemStore } from "./item-store.ts";

/** How many items there are, and the offset of that state: within an epoch the count itself tells how far it is. */
export interface CountState {
  readonly count: number;
  readonly offset: string;
}

export class ItemCounter {
  readonly #store: ItemStore;
  #head: CounterHead | undefined;

  constructor(store: ItemStore) {
    this.#store = store;
    this.#head = store.head();
  }

  state(): CountState {
    const { epoch, count } = this.#head ?? { epoch: NOTHING.epoch, count: NOTHING.sequence };
    return { count, offset: formatOffset({ epoch, sequence: count }) };
  }

  /** Counts those of `ids` that are new; the first that is also creates the tenant, as `newEpoch`. */
  observe(ids: readonly string[], nowMs: number, newEpoch: () => string): readonly Verdict[] {
    const counted = this.#store.counted(ids);
    const { verdicts, fresh } = distinct((id) => counted.has(id), ids);
    if (fresh.length > 0) {
      const { epoch, count } = this.#head ?? { epoch: newEpoch(), count: 0 };
      const head: CounterHead = { epoch, count: count + fresh.length };
      this.#store.commit(fresh, nowMs, head);
      this.#head = head;
    }
    return verdicts;
  }

  /** When `id` was counted, in milliseconds since the Unix epoch; `undefined` if it was not. */
  countedMs(id: string): number | undefined {
    return this.#store.counted([id]).get(id);
  }

  /** Items in code point order of their ids, for an export; `""` starts the walk. */
  items(after: string, limit: number): readonly CountedItem[] {
    return this.#store.items(after, limit);
  }

  /** Takes items of an export, each as counted when it was. One that is counted here already stays as it is. */
  restore(items: readonly CountedItem[], newEpoch: () => string): void {
    const counted = this.#store.counted(items.map(({ id }) => id));
    const fresh = new Map<string, CountedItem>();
    for (const item of items) if (!counted.has(item.id) && !fresh.has(item.id)) fresh.set(item.id, item);
    if (fresh.size === 0) return;
    const { epoch, count } = this.#head ?? { epoch: newEpoch(), count: 0 };
    const head: CounterHead = { epoch, count: count + fresh.size };
    this.#store.restore([...fresh.values()], head);
    this.#head = head;
  }

  /** Whether a holder of `since` has seen an earlier state of this very life. The offset of nothing is earlier than any. */
  isPast(since: Offset): boolean {
    if (isNothing(since)) return true;
    return since.epoch === this.#head?.epoch && since.sequence <= this.#head.count;
  }
}
