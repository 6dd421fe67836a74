/**
 * A shard's store in SQLite. A user is a row of 16 bytes in a table that is its own index, so counting one writes one row;
 * totals are columns of the head and are never taken by looking at the table.
 *
 * Reading a database that was never written creates nothing in it; the schema comes with the first commit.
 */
import type { SliceHead, SliceStore } from "../../core/analytics/slice-store.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import { appliedMigrations, migrate } from "../sql/migrations.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase, SqlRow } from "../sql/sql-database.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE head (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       start INTEGER NOT NULL, slice_ms INTEGER NOT NULL, shards INTEGER NOT NULL,
       unique_users INTEGER NOT NULL, clicks INTEGER NOT NULL, impressions INTEGER NOT NULL, late INTEGER NOT NULL,
       last_event_ms INTEGER NOT NULL, sealed_ms INTEGER
     ) STRICT`,
    "CREATE TABLE secret (id INTEGER PRIMARY KEY CHECK (id = 1), salt BLOB NOT NULL) STRICT",
    "CREATE TABLE users (pseudonym BLOB PRIMARY KEY) WITHOUT ROWID, STRICT",
    "CREATE TABLE event_ids (pseudonym BLOB PRIMARY KEY) WITHOUT ROWID, STRICT",
  ],
];

const READ_HEAD = "SELECT * FROM head";
const WRITE_HEAD = `INSERT OR REPLACE INTO head (
    id, start, slice_ms, shards, unique_users, clicks, impressions, late, last_event_ms, sealed_ms
  ) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const READ_SALT = "SELECT lower(hex(salt)) AS salt FROM secret";
const WRITE_SALT = "INSERT INTO secret (id, salt) VALUES (1, unhex(?))";
const READ_USERS = `SELECT value FROM json_each(?)
  WHERE EXISTS (SELECT 1 FROM users WHERE pseudonym = unhex(value))`;
const READ_IDS = `SELECT value FROM json_each(?)
  WHERE EXISTS (SELECT 1 FROM event_ids WHERE pseudonym = unhex(value))`;
const WRITE_USERS = "INSERT INTO users (pseudonym) SELECT unhex(value) FROM json_each(?)";
const WRITE_IDS = "INSERT INTO event_ids (pseudonym) SELECT unhex(value) FROM json_each(?)";

const COUNT_ROWS = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM event_ids) AS count";
const OVERWRITE_SALT = "UPDATE secret SET salt = zeroblob(length(salt))";
const DROP_SECRETS = ["DROP TABLE secret", "DROP TABLE users", "DROP TABLE event_ids"] as const;
const FILL = `WITH RECURSIVE blocks (block) AS (SELECT 1 UNION ALL SELECT block + 1 FROM blocks WHERE block < ?)
  INSERT INTO filler (zeros) SELECT zeroblob(?) FROM blocks`;

/** What a row of 16 bytes takes at most: pages of a table filled at random are at least half full. */
const ROW_BYTES_MAX = 64;
/**
 * About a megabyte. What doesn't fit the row's own page goes to pages of its own, 4,092 bytes each, and the rest stays:
 * this length is one whose rest, 4,061 bytes, leaves no room for old bytes there. See "B-tree Cell Format" in SQLite's
 * "Database File Format"; its pages are of 4,096 bytes here.
 */
const BLOCK_BYTES = 1_047_517;
/** One commit must stay within what an object's memory holds. */
const BLOCKS_MAX = 64;

export class SqlSliceStore implements SliceStore {
  readonly #sql: SqlDatabase;
  #written: boolean;
  #sealed: boolean;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
    this.#written = appliedMigrations(sql) > 0;
    if (this.#written) migrate(sql, MIGRATIONS);
    this.#sealed = (this.head()?.sealedMs ?? null) !== null;
  }

  head(): SliceHead | undefined {
    const [row] = this.#written ? this.#sql.all(READ_HEAD) : [];
    return row === undefined ? undefined : toHead(row);
  }

  salt(): string | undefined {
    const [row] = this.#hasSecrets ? this.#sql.all(READ_SALT) : [];
    return row === undefined ? undefined : String(row["salt"]);
  }

  countedUsers(users: readonly string[]): ReadonlySet<string> {
    return this.#found(READ_USERS, users);
  }

  countedIds(ids: readonly string[]): ReadonlySet<string> {
    return this.#found(READ_IDS, ids);
  }

  commit(users: readonly string[], ids: readonly string[], head: SliceHead, salt?: string): void {
    this.#sql.transaction(() => {
      if (!this.#written) migrate(this.#sql, MIGRATIONS);
      if (salt !== undefined) this.#sql.all(WRITE_SALT, salt);
      for (const chunk of jsonChunks(users)) this.#sql.all(WRITE_USERS, chunk);
      for (const chunk of jsonChunks(ids)) this.#sql.all(WRITE_IDS, chunk);
      this.#sql.all(WRITE_HEAD, ...toColumns(head));
    });
    this.#written = true;
  }

  /**
   * Deleting rows leaves their bytes in the file until the space is used again, and the platform refuses the setting
   * that would wipe it. So what becomes free is used at once, for zeros. That is bounded; past the bound the bytes of
   * pseudonyms may stay for a while, but without the salt, which is wiped first, nobody can tell whose they are.
   */
  seal(head: SliceHead): void {
    this.#sql.transaction(() => {
      const rows = Number(this.#sql.all(COUNT_ROWS)[0]?.["count"] ?? 0);
      const blocks = Math.min(BLOCKS_MAX, 1 + Math.ceil((rows * ROW_BYTES_MAX) / BLOCK_BYTES));
      this.#sql.all(OVERWRITE_SALT);
      for (const statement of DROP_SECRETS) this.#sql.all(statement);
      this.#sql.all("CREATE TABLE filler (zeros BLOB) STRICT");
      this.#sql.all(FILL, blocks, BLOCK_BYTES);
      this.#sql.all("DROP TABLE filler");
      this.#sql.all(WRITE_HEAD, ...toColumns(head));
    });
    this.#sealed = true;
  }

  get #hasSecrets(): boolean {
    return this.#written && !this.#sealed;
  }

  #found(statement: string, pseudonyms: readonly string[]): ReadonlySet<string> {
    if (!this.#hasSecrets) return new Set();
    const rows = jsonChunks(pseudonyms).flatMap((chunk) => this.#sql.all(statement, chunk));
    return new Set(rows.map((row) => String(row["value"])));
  }
}

function toColumns(head: SliceHead): readonly (number | null)[] {
  const { start, sliceMs, shards } = head.claim;
  const { uniqueUsers, clicks, impressions, late, lastEventMs, sealedMs } = head;
  return [start, sliceMs, shards, uniqueUsers, clicks, impressions, late, lastEventMs, sealedMs];
}

function toHead(row: SqlRow): SliceHead {
  const sealedMs = row["sealed_ms"] ?? null;
  return {
    claim: { start: Number(row["start"]), sliceMs: Number(row["slice_ms"]), shards: Number(row["shards"]) },
    uniqueUsers: Number(row["unique_users"]),
    clicks: Number(row["clicks"]),
    impressions: Number(row["impressions"]),
    late: Number(row["late"]),
    lastEventMs: Number(row["last_event_ms"]),
    sealedMs: sealedMs === null ? null : Number(sealedMs),
  };
}
