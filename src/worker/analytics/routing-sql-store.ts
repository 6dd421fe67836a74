/** The routing rules and the latest claim in SQLite: one row, in a database that is empty until either is written. */
import type { RoutingRule, RoutingState } from "../../core/analytics/routing.ts";
import { appliedMigrations, migrate } from "../sql/migrations.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE routing (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       slice_ms INTEGER NOT NULL, first_slice INTEGER NOT NULL, rules TEXT NOT NULL, last_claimed INTEGER
     ) STRICT`,
  ],
];

const READ = "SELECT slice_ms, first_slice, rules, last_claimed FROM routing";
const WRITE = `INSERT OR REPLACE INTO routing (id, slice_ms, first_slice, rules, last_claimed) VALUES (1, ?, ?, ?, ?)`;

export class SqlRoutingStore {
  readonly #sql: SqlDatabase;
  #written: boolean;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
    this.#written = appliedMigrations(sql) > 0;
    if (this.#written) migrate(sql, MIGRATIONS);
  }

  /** `undefined` while nothing was written. */
  read(): RoutingState | undefined {
    const [row] = this.#written ? this.#sql.all(READ) : [];
    if (row === undefined) return undefined;
    const lastClaimed = row["last_claimed"] ?? null;
    return {
      routing: {
        sliceMs: Number(row["slice_ms"]),
        firstSlice: Number(row["first_slice"]),
        rules: JSON.parse(String(row["rules"])) as readonly RoutingRule[],
      },
      lastClaimed: lastClaimed === null ? null : Number(lastClaimed),
    };
  }

  write({ routing, lastClaimed }: RoutingState): void {
    const { sliceMs, firstSlice, rules } = routing;
    this.#sql.transaction(() => {
      migrate(this.#sql, MIGRATIONS);
      this.#sql.all(WRITE, sliceMs, firstSlice, JSON.stringify(rules), lastClaimed);
    });
    this.#written = true;
  }
}
