/** The things that one inventory lists, and how far its backup is, in SQLite. */
import type { ExportedFeature } from "../../protocol/transfer.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase, SqlRow } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";

export interface Thing {
  readonly feature: ExportedFeature;
  readonly name: string;
}

/** How often a thing told that it exists tells its lives apart. */
export interface ListedThing extends Thing {
  readonly told: number;
}

export interface BackupRun {
  readonly run: string;
  /** The number of this inventory. */
  readonly shard: number;
  /** The thing that is written, or was written last; none at the beginning. */
  readonly thing: ListedThing | undefined;
  /** Whether it is being written. */
  readonly isOpen: boolean;
  /** Where its export goes on. */
  readonly cursor: string | null;
  /** How many parts of it are written, and how often the next was tried in vain. */
  readonly parts: number;
  readonly tries: number;
  /** Things so far. */
  readonly saved: number;
  readonly failed: number;
}

const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE things (
       feature TEXT NOT NULL, name TEXT NOT NULL, told INTEGER NOT NULL, PRIMARY KEY (feature, name)
     ) WITHOUT ROWID, STRICT`,
    `CREATE TABLE run (
       id INTEGER PRIMARY KEY CHECK (id = 1), run TEXT NOT NULL, shard INTEGER NOT NULL, feature TEXT, name TEXT, told INTEGER,
       is_open INTEGER NOT NULL, cursor TEXT, parts INTEGER NOT NULL, tries INTEGER NOT NULL,
       saved INTEGER NOT NULL, failed INTEGER NOT NULL
     ) STRICT`,
  ],
];

const LIST = `INSERT INTO things (feature, name, told) VALUES (?, ?, 1)
  ON CONFLICT (feature, name) DO UPDATE SET told = told + 1`;
const REMOVE = "DELETE FROM things WHERE feature = ? AND name = ? AND told = ?";
const NEXT = `SELECT feature, name, told FROM things WHERE (feature, name) > (?, ?) ORDER BY feature, name LIMIT 1`;
const READ_RUN = "SELECT * FROM run";
const WRITE_RUN = `INSERT INTO run (id, run, shard, feature, name, told, is_open, cursor, parts, tries, saved, failed)
  VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET run = excluded.run, shard = excluded.shard, feature = excluded.feature, name = excluded.name,
    told = excluded.told, is_open = excluded.is_open, cursor = excluded.cursor, parts = excluded.parts,
    tries = excluded.tries, saved = excluded.saved, failed = excluded.failed`;
const DELETE_RUN = "DELETE FROM run";

export class InventoryStore {
  readonly #database: StoreDatabase;

  constructor(sql: SqlDatabase) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
  }

  list({ feature, name }: Thing): void {
    this.#database.write((sql) => sql.all(LIST, feature, name));
  }

  /** Takes a thing away, unless it has told again that it exists. */
  remove({ feature, name, told }: ListedThing): void {
    this.#database.write((sql) => sql.all(REMOVE, feature, name, told));
  }

  /** The first thing after another, or of all. */
  next(after: Thing | undefined): ListedThing | undefined {
    const [row] = this.#database.read(NEXT, after?.feature ?? "", after?.name ?? "");
    return row === undefined ? undefined : toThing(row);
  }

  run(): BackupRun | undefined {
    const [row] = this.#database.read(READ_RUN);
    if (row === undefined) return undefined;
    const cursor = row["cursor"] ?? null;
    return {
      run: String(row["run"]),
      shard: Number(row["shard"]),
      thing: (row["feature"] ?? null) === null ? undefined : toThing(row),
      isOpen: row["is_open"] === 1,
      cursor: cursor === null ? null : String(cursor),
      parts: Number(row["parts"]),
      tries: Number(row["tries"]),
      saved: Number(row["saved"]),
      failed: Number(row["failed"]),
    };
  }

  keepRun({ run, shard, thing, isOpen, cursor, parts, tries, saved, failed }: BackupRun): void {
    const of = [thing?.feature ?? null, thing?.name ?? null, thing?.told ?? null];
    this.#database.write((sql) =>
      sql.all(WRITE_RUN, run, shard, ...of, Number(isOpen), cursor, parts, tries, saved, failed),
    );
  }

  endRun(): void {
    this.#database.write((sql) => sql.all(DELETE_RUN));
  }
}

function toThing(row: SqlRow): ListedThing {
  return { feature: row["feature"] as ExportedFeature, name: String(row["name"]), told: Number(row["told"]) };
}
