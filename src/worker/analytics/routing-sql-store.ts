/** The routing rules and the latest claim in SQLite: one row, in a database that is empty until either is written. */
import type { RoutingRule, RoutingState } from "../../core/analytics/routing.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE routing (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       slice_ms INTEGER NOT NULL, first_slice INTEGER NOT NULL, rules TEXT NOT NULL, last_claimed INTEGER
     ) STRICT`,
  ],
];

const READ = "SELECT slice_ms, first_slice, rules, last_claimed FROM routing";
// Names what it sets, so that earlier code which runs beside this leaves columns alone that it doesn't know.
const WRITE = `INSERT INTO routing (id, slice_ms, first_slice, rules, last_claimed) VALUES (1, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET slice_ms = excluded.slice_ms, first_slice = excluded.first_slice,
    rules = excluded.rules, last_claimed = excluded.last_claimed`;

export class SqlRoutingStore {
  readonly #database: StoreDatabase;

  constructor(sql: SqlDatabase) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
  }

  /** `undefined` while nothing was written. */
  read(): RoutingState | undefined {
    const [row] = this.#database.read(READ);
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
    this.#database.write((sql) => sql.all(WRITE, sliceMs, firstSlice, JSON.stringify(rules), lastClaimed));
  }
}
