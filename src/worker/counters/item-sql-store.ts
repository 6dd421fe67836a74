/**
 * A tenant's items in SQLite. The id itself is the key, so what is counted is exact, and a table without rowids writes one
 * row for an item; why not a hash is argued in docs/decisions/0005.
 */
import type { CountedItem, CounterHead, ItemStore } from "../../core/counters/item-store.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    "CREATE TABLE items (id TEXT PRIMARY KEY, counted_ms INTEGER NOT NULL) WITHOUT ROWID, STRICT",
    `CREATE TABLE head (
       id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, count INTEGER NOT NULL
     ) STRICT`,
  ],
];

const READ_HEAD = "SELECT epoch, count FROM head";
// Names what it sets, so that earlier code which runs beside this leaves columns alone that it doesn't know.
const WRITE_HEAD = `INSERT INTO head (id, epoch, count) VALUES (1, ?, ?)
  ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, count = excluded.count`;
const READ_ITEMS = `SELECT items.id, items.counted_ms
  FROM json_each(?) AS wanted JOIN items ON items.id = wanted.value`;
// Without `OR IGNORE`: an item that is there already means that the decision went wrong, and must fail.
const WRITE_ITEMS = "INSERT INTO items (id, counted_ms) SELECT value, ? FROM json_each(?)";
const RESTORE_ITEMS = "INSERT INTO items (id, counted_ms) SELECT value ->> 0, value ->> 1 FROM json_each(?)";
const READ_PAGE = "SELECT id, counted_ms FROM items WHERE id > ? ORDER BY id LIMIT ?";

export class SqlItemStore implements ItemStore {
  readonly #database: StoreDatabase;

  constructor(sql: SqlDatabase) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
  }

  head(): CounterHead | undefined {
    const [row] = this.#database.read(READ_HEAD);
    return row === undefined ? undefined : { epoch: String(row["epoch"]), count: Number(row["count"]) };
  }

  counted(ids: readonly string[]): ReadonlyMap<string, number> {
    const rows = jsonChunks(ids).flatMap((chunk) => this.#database.read(READ_ITEMS, chunk));
    return new Map(rows.map((row) => [String(row["id"]), Number(row["counted_ms"])]));
  }

  commit(ids: readonly string[], atMs: number, head: CounterHead): void {
    this.#database.write((sql) => {
      for (const chunk of jsonChunks(ids)) sql.all(WRITE_ITEMS, atMs, chunk);
      sql.all(WRITE_HEAD, head.epoch, head.count);
    });
  }

  restore(items: readonly CountedItem[], head: CounterHead): void {
    this.#database.write((sql) => {
      for (const chunk of jsonChunks(items.map(({ id, at }) => [id, at]))) sql.all(RESTORE_ITEMS, chunk);
      sql.all(WRITE_HEAD, head.epoch, head.count);
    });
  }

  items(after: string, limit: number): readonly CountedItem[] {
    return this.#database
      .read(READ_PAGE, after, limit)
      .map((row) => ({ id: String(row["id"]), at: Number(row["counted_ms"]) }));
  }
}
