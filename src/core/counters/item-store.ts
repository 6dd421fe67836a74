/**
 * The storage port of a tenant's items: what `ItemCounter` asks of a database. Synchronous and batch-shaped, so that one
 * turn of an object is one transaction and one batch is one statement.
 *
 * A store of a tenant that was never written holds nothing at all: reading must not create it.
 */

/** Everything about a tenant that is not in its items; one row, written once a batch that counts anything. */
export interface CounterHead {
  readonly epoch: string;
  /** How many items there are. Kept here, because counting them would read every one. */
  readonly count: number;
}

/** An item, and when it was counted, in milliseconds since the Unix epoch. */
export interface CountedItem {
  readonly id: string;
  readonly at: number;
}

export interface ItemStore {
  /** `undefined` for a tenant that was never written. */
  head(): CounterHead | undefined;

  /** Those of `ids` that are counted, each with when it was, in milliseconds since the Unix epoch. */
  counted(ids: readonly string[]): ReadonlyMap<string, number>;

  /**
   * Adds `ids`, none of which is counted yet and no two of which are the same, as counted at `atMs`, and puts the head in
   * the place of the former head: all of it, or, when it throws, nothing.
   */
  commit(ids: readonly string[], atMs: number, head: CounterHead): void;

  /** The same for items that were counted elsewhere, each at its own time. */
  restore(items: readonly CountedItem[], head: CounterHead): void;

  /** At most `limit` items whose ids come after `after` in code point order, in that order. */
  items(after: string, limit: number): readonly CountedItem[];
}
