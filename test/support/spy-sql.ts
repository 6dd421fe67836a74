/** A {@link SqlDatabase} in front of another that remembers what it was asked, and can fail on command. */
import type { SqlDatabase, SqlRow, SqlValue } from "../../src/worker/sql/sql-database.ts";

export class SpySql implements SqlDatabase {
  readonly #sql: SqlDatabase;
  /** The text of every statement run so far. */
  readonly statements: string[] = [];
  /** The length of the longest string bound so far, in bytes of UTF-8. */
  boundBytesMax = 0;
  /** How many statements may still run before one throws. */
  failAfter = Infinity;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  all(statement: string, ...bindings: readonly SqlValue[]): readonly SqlRow[] {
    if (this.failAfter-- <= 0) throw new Error("The disk is full.");
    this.statements.push(statement);
    for (const value of bindings) {
      if (typeof value !== "string") continue;
      this.boundBytesMax = Math.max(this.boundBytesMax, new TextEncoder().encode(value).length);
    }
    return this.#sql.all(statement, ...bindings);
  }

  transaction(body: () => void): void {
    this.#sql.transaction(body);
  }
}
