/** Node's SQLite as a {@link SqlDatabase}, with real transactions that nest, as those of a Durable Object do. */
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { SqlDatabase, SqlRow, SqlValue } from "../../src/worker/sql/sql-database.ts";

export class NodeSql implements SqlDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path = ":memory:") {
    this.#database = new DatabaseSync(path);
  }

  all(statement: string, ...bindings: readonly SqlValue[]): readonly SqlRow[] {
    let prepared = this.#statements.get(statement);
    if (prepared === undefined) this.#statements.set(statement, (prepared = this.#database.prepare(statement)));
    return prepared.all(...bindings) as SqlRow[];
  }

  transaction(body: () => void): void {
    // Savepoints of one name nest: each release and rollback means the innermost.
    this.#database.exec("SAVEPOINT body");
    try {
      body();
    } catch (error) {
      this.#database.exec("ROLLBACK TO body");
      throw error;
    } finally {
      this.#database.exec("RELEASE body");
    }
  }

  close(): void {
    this.#database.close();
  }
}

/** Runs a body with an empty database in memory. */
export function onNodeSql(body: (sql: NodeSql) => void): void {
  const sql = new NodeSql();
  try {
    body(sql);
  } finally {
    sql.close();
  }
}
