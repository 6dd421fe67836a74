/**
 * A tenant's items in SQLite. The id itself is the key, so what is counted is exact, and a table without rowids writes one
 * row for an item; why not a hash is argued in docs/decisions/0005. In a large tenant the items of a batch wait in a log
 * until they are put into the table; why is argued in docs/decisions/0020.
 */
import type { CountedItem, CounterHead, ItemStore } from "../../core/counters/item-store.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";
import { countedTwice, CREATE_RECENT, PUT_ITEMS, RecentItems } from "./recent-items.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    "CREATE TABLE items (id TEXT PRIMARY KEY, counted_ms INTEGER NOT NULL) WITHOUT ROWID, STRICT",
    `CREATE TABLE head (
       id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, count INTEGER NOT NULL
     ) STRICT`,
  ],
  [CREATE_RECENT],
];

const READ_HEAD = "SELECT epoch, count FROM head";
// Names what it sets, so that earlier code which runs beside this leaves columns alone that it doesn't know.
const WRITE_HEAD = `INSERT INTO head (id, epoch, count) VALUES (1, ?, ?)
  ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, count = excluded.count`;
const READ_ITEMS = `SELECT items.id, items.counted_ms
  FROM json_each(?) AS wanted JOIN items ON items.id = wanted.value`;
// Without `OR IGNORE`: an item that is there already means that the decision went wrong, and must fail.
const WRITE_ITEMS = "INSERT INTO items (id, counted_ms) SELECT value, ? FROM json_each(?)";
const READ_PAGE = "SELECT id, counted_ms FROM items WHERE id > ? ORDER BY id LIMIT ?";

/** When the items of a batch wait in the log, rather than be put into the table at once. */
export interface LogLimits {
  /** Of a smaller table a batch touches few pages. */
  readonly tableItemsMin: number;
  /** A smaller batch touches few pages of any table. */
  readonly batchItemsMin: number;
  /** In a larger batch neighbours share pages already. */
  readonly batchItemsMax: number;
  /**
   * How much may wait before it is moved, in UTF-16 code units of its ids: for each item in the table, so that a few of
   * those that wait share each of its pages, and at most. A million UUIDs make it 58,000 UUIDs, in 6 MB of memory.
   */
  readonly unitsPerItem: number;
  readonly unitsMax: number;
}

export const LOG_LIMITS: LogLimits = {
  tableItemsMin: 20_000,
  batchItemsMin: 16,
  batchItemsMax: 2_000,
  unitsPerItem: 2,
  unitsMax: 1 << 21,
};

export class SqlItemStore implements ItemStore {
  readonly #database: StoreDatabase;
  readonly #recent: RecentItems;
  readonly #limits: LogLimits;

  constructor(sql: SqlDatabase, limits = LOG_LIMITS) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
    this.#recent = new RecentItems(sql);
    this.#limits = limits;
  }

  head(): CounterHead | undefined {
    const [row] = this.#database.read(READ_HEAD);
    return row === undefined ? undefined : { epoch: String(row["epoch"]), count: Number(row["count"]) };
  }

  counted(ids: readonly string[]): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    if (!this.#database.isWritten) return found;
    const others: string[] = [];
    for (const id of ids) {
      const countedMs = this.#recent.countedMs(id);
      if (countedMs === undefined) others.push(id);
      else found.set(id, countedMs);
    }
    for (const chunk of jsonChunks(others)) {
      for (const row of this.#database.read(READ_ITEMS, chunk)) {
        found.set(String(row["id"]), Number(row["counted_ms"]));
      }
    }
    return found;
  }

  commit(ids: readonly string[], atMs: number, head: CounterHead): void {
    const { unitsPerItem, unitsMax } = this.#limits;
    const before = head.count - ids.length;
    this.#write((sql) => {
      if (this.#mustWait(ids.length, before)) this.#recent.append(ids, atMs, Math.min(unitsMax, unitsPerItem * before));
      else this.#insert(sql, ids, atMs);
      sql.all(WRITE_HEAD, head.epoch, head.count);
    });
  }

  restore(items: readonly CountedItem[], head: CounterHead): void {
    this.#write((sql) => {
      this.#recent.settle();
      for (const chunk of jsonChunks(items.map(({ id, at }) => [id, at]))) sql.all(PUT_ITEMS, chunk);
      sql.all(WRITE_HEAD, head.epoch, head.count);
    });
  }

  items(after: string, limit: number): readonly CountedItem[] {
    if (this.#database.isWritten && !this.#recent.isEmpty) this.#write(() => this.#recent.settle());
    return this.#database
      .read(READ_PAGE, after, limit)
      .map((row) => ({ id: String(row["id"]), at: Number(row["counted_ms"]) }));
  }

  #insert(sql: SqlDatabase, ids: readonly string[], atMs: number): void {
    if (ids.some((id) => this.#recent.countedMs(id) !== undefined)) throw countedTwice();
    for (const chunk of jsonChunks(ids)) sql.all(WRITE_ITEMS, atMs, chunk);
  }

  #mustWait(items: number, tableItems: number): boolean {
    const { tableItemsMin, batchItemsMin, batchItemsMax } = this.#limits;
    return tableItems >= tableItemsMin && items >= batchItemsMin && items <= batchItemsMax;
  }

  #write(body: (sql: SqlDatabase) => void): void {
    try {
      this.#database.write(body);
    } catch (error) {
      this.#recent.forget();
      throw error;
    }
  }
}
