/** A Durable Object's SQLite as a {@link SqlDatabase}. */
import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";

export class DurableSql implements SqlDatabase {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  all(statement: string, ...bindings: readonly SqlValue[]): readonly SqlRow[] {
    return this.#storage.sql.exec<Record<string, SqlValue>>(statement, ...bindings).toArray();
  }

  transaction(body: () => void): void {
    this.#storage.transactionSync(body);
  }
}
