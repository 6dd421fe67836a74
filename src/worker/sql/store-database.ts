/**
 * The database of one store. Its schema comes with the first write: to read one that was never written finds nothing, and
 * creates nothing in it. One that was written is brought up to the last migration when it is opened.
 */
import { appliedMigrations, migrate } from "./migrations.ts";
import type { Migration } from "./migrations.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";

export class StoreDatabase {
  readonly #sql: SqlDatabase;
  readonly #migrations: readonly Migration[];
  #written: boolean;

  constructor(sql: SqlDatabase, migrations: readonly Migration[]) {
    this.#sql = sql;
    this.#migrations = migrations;
    this.#written = appliedMigrations(sql) > 0;
    if (this.#written) migrate(sql, migrations);
  }

  get isWritten(): boolean {
    return this.#written;
  }

  /** Runs a statement that only reads. */
  read(statement: string, ...bindings: readonly SqlValue[]): readonly SqlRow[] {
    return this.#written ? this.#sql.all(statement, ...bindings) : [];
  }

  /**
   * Runs `body` in one transaction: all of it, or, when it throws, nothing, the schema included.
   *
   * @param body told whether it is the first to write
   */
  write(body: (sql: SqlDatabase, isFirst: boolean) => void): void {
    const isFirst = !this.#written;
    this.#sql.transaction(() => {
      if (isFirst) migrate(this.#sql, this.#migrations);
      body(this.#sql, isFirst);
    });
    this.#written = true;
  }
}
