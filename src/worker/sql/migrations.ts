/**
 * Schema changes: an append-only list of steps for each store, applied once each, in order. `PRAGMA user_version` is
 * refused by the platform, so a table of our own counts the steps.
 */
import type { SqlDatabase } from "./sql-database.ts";

/** The statements of one step. Never edit one that was released: append another. */
export type Migration = readonly string[];

/** How many steps the database has behind it; 0 for one that was never written. */
export function appliedMigrations(sql: SqlDatabase): number {
  const [table] = sql.all("SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'migrations'");
  if (table === undefined) return 0;
  return Number(sql.all("SELECT COUNT(*) AS applied FROM migrations")[0]?.["applied"] ?? 0);
}

/** Brings the database up to the last step. */
export function migrate(sql: SqlDatabase, migrations: readonly Migration[]): void {
  const applied = appliedMigrations(sql);
  if (applied >= migrations.length) return;
  sql.transaction(() => {
    sql.all("CREATE TABLE IF NOT EXISTS migrations (step INTEGER PRIMARY KEY)");
    for (let step = applied; step < migrations.length; step++) {
      for (const statement of migrations[step] ?? []) sql.all(statement);
      sql.all("INSERT INTO migrations (step) VALUES (?)", step);
    }
  });
}
