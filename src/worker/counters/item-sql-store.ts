/**
 * A tenant's items in SQLite. The id itself is the key, so what is counted is exact, and a table without rowids writes one
 * row for an item; why not a hash is argued in docs/decisions/0010.
 *
 * Reading a database that was never written creates nothing in it; the schema comes with the first commit.
 */
import type { CounterHead, ItemStore } from "../../core/counters/item-store.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import { appliedMigrations, migrate } from "../sql/migrations.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    "CREATE TABLE items (id TEXT PRIMARY KEY, counted_ms INTEGER NOT NULL) WITHOUT ROWID, STRICT",
    `CREATE TABLE head (
       id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, count INTEGER NOT NULL
     ) STRICT`,
  ],
];

const READ_HEAD = "SELECT epoch, count FROM head";
const WRITE_HEAD = "INSERT OR REPLACE INTO head (id, epoch, count) VALUES (1, ?, ?)";
const READ_ITEMS = `SELECT items.id, items.counted_ms
  FROM json_each(?) AS wanted JOIN items ON items.id = wanted.value`;
// Without `OR IGNORE`: an item that is there already means that the decision went wrong, and must fail.
const WRITE_ITEMS = "INSERT INTO items (id, counted_ms) SELECT value, ? FROM json_each(?)";

export class SqlItemStore implements ItemStore {
  readonly #sql: SqlDatabase;
  #written: boolean;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
    this.#written = appliedMigrations(sql) > 0;
    if (this.#written) migrate(sql, MIGRATIONS);
  }

  head(): CounterHead | undefined {
    const [row] = this.#written ? this.#sql.all(READ_HEAD) : [];
    return row === undefined ? undefined : { epoch: String(row["epoch"]), count: Number(row["count"]) };
  }

  counted(ids: readonly string[]): ReadonlyMap<string, number> {
    if (!this.#written) return new Map();
    const rows = jsonChunks(ids).flatMap((chunk) => this.#sql.all(READ_ITEMS, chunk));
    return new Map(rows.map((row) => [String(row["id"]), Number(row["counted_ms"])]));
  }

  commit(ids: readonly string[], atMs: number, head: CounterHead): void {
    this.#sql.transaction(() => {
      if (!this.#written) migrate(this.#sql, MIGRATIONS);
      for (const chunk of jsonChunks(ids)) this.#sql.all(WRITE_ITEMS, atMs, chunk);
      this.#sql.all(WRITE_HEAD, head.epoch, head.count);
    });
    this.#written = true;
  }
}
