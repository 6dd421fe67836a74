/** The databases that stores are tested on, wherever they live: how to have one, what is in it, and how to empty it. */
import type { SqlDatabase } from "../../src/worker/sql/sql-database.ts";

/** Runs a body with an empty database, where it lives. */
export type OnDatabase = (body: (sql: SqlDatabase) => void) => void | Promise<void>;

/** What the platform takes in one string. */
export const STRING_BYTES_MAX = 2_000_000;

export function tables(sql: SqlDatabase): readonly string[] {
  return namesOf(sql, "table");
}

export function indexes(sql: SqlDatabase): readonly string[] {
  return namesOf(sql, "index");
}

export function dropTables(sql: SqlDatabase): void {
  for (const table of tables(sql)) sql.all(`DROP TABLE ${table}`);
}

/** Without those of the platform and of SQLite itself. */
function namesOf(sql: SqlDatabase, type: string): readonly string[] {
  return sql
    .all("SELECT name FROM sqlite_master WHERE type = ? ORDER BY name", type)
    .map((row) => String(row["name"]))
    .filter((name) => !/^(_cf_|sqlite_)/.test(name));
}
