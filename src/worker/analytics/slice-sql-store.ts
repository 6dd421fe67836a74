/**
 * A shard's store in SQLite: users and ids as logs of pseudonyms, totals as columns of the head, never taken by counting.
 * A batch writes one row of each, or more where it brings hundreds of new users.
 */
import type { PseudonymPage, PseudonymPosition, SliceHead, SliceStore } from "../../core/analytics/slice-store.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase, SqlRow } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";
import { IN_MEMORY_MAX, PseudonymLog } from "./pseudonym-log.ts";
import type { PseudonymStatements } from "./pseudonym-log.ts";

/** Sealing drops the tables of users, ids and the secret, so a step that touches them must not fail without them. */
const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE head (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       start INTEGER NOT NULL, slice_ms INTEGER NOT NULL, shards INTEGER NOT NULL,
       unique_users INTEGER NOT NULL, clicks INTEGER NOT NULL, impressions INTEGER NOT NULL, late INTEGER NOT NULL,
       last_event_ms INTEGER NOT NULL, sealed_ms INTEGER
     ) STRICT`,
    "CREATE TABLE secret (id INTEGER PRIMARY KEY CHECK (id = 1), salt BLOB NOT NULL) STRICT",
    "CREATE TABLE users (chunk INTEGER PRIMARY KEY, pseudonyms BLOB NOT NULL) STRICT",
    "CREATE TABLE more_users (pseudonym BLOB PRIMARY KEY) WITHOUT ROWID, STRICT",
    "CREATE TABLE event_ids (chunk INTEGER PRIMARY KEY, pseudonyms BLOB NOT NULL) STRICT",
    "CREATE TABLE more_event_ids (pseudonym BLOB PRIMARY KEY) WITHOUT ROWID, STRICT",
  ],
];

const READ_HEAD = "SELECT * FROM head";
// Names what it sets, so that earlier code which runs beside this leaves columns alone that it doesn't know.
const WRITE_HEAD = `INSERT INTO head (
    id, start, slice_ms, shards, unique_users, clicks, impressions, late, last_event_ms, sealed_ms
  ) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET start = excluded.start, slice_ms = excluded.slice_ms, shards = excluded.shards,
    unique_users = excluded.unique_users, clicks = excluded.clicks, impressions = excluded.impressions,
    late = excluded.late, last_event_ms = excluded.last_event_ms, sealed_ms = excluded.sealed_ms`;
const READ_SALT = "SELECT lower(hex(salt)) AS salt FROM secret";
const WRITE_SALT = "INSERT INTO secret (id, salt) VALUES (1, unhex(?))";

const USERS: PseudonymStatements = {
  readChunks: `SELECT chunk, lower(hex(pseudonyms)) AS pseudonyms FROM users WHERE chunk > ? ORDER BY chunk LIMIT ?`,
  writeChunks: `INSERT OR REPLACE INTO users (chunk, pseudonyms)
    SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?)`,
  readIndex: `SELECT value FROM json_each(?)
    WHERE EXISTS (SELECT 1 FROM more_users WHERE pseudonym = unhex(value))`,
  writeIndex: "INSERT INTO more_users (pseudonym) SELECT unhex(value) FROM json_each(?)",
  readIndexPage: `SELECT lower(hex(pseudonym)) AS pseudonym FROM more_users
    WHERE pseudonym > unhex(?) ORDER BY pseudonym LIMIT ?`,
};
const EVENT_IDS: PseudonymStatements = {
  readChunks: `SELECT chunk, lower(hex(pseudonyms)) AS pseudonyms FROM event_ids WHERE chunk > ? ORDER BY chunk LIMIT ?`,
  writeChunks: `INSERT OR REPLACE INTO event_ids (chunk, pseudonyms)
    SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?)`,
  readIndex: `SELECT value FROM json_each(?)
    WHERE EXISTS (SELECT 1 FROM more_event_ids WHERE pseudonym = unhex(value))`,
  writeIndex: "INSERT INTO more_event_ids (pseudonym) SELECT unhex(value) FROM json_each(?)",
  readIndexPage: `SELECT lower(hex(pseudonym)) AS pseudonym FROM more_event_ids
    WHERE pseudonym > unhex(?) ORDER BY pseudonym LIMIT ?`,
};

const COUNT_CHUNKS = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM event_ids) AS count";
const COUNT_INDEXED = "SELECT (SELECT COUNT(*) FROM more_users) + (SELECT COUNT(*) FROM more_event_ids) AS count";
const OVERWRITE_SALT = "UPDATE secret SET salt = zeroblob(length(salt))";
const DROP_SECRETS = [
  "DROP TABLE secret",
  "DROP TABLE users",
  "DROP TABLE more_users",
  "DROP TABLE event_ids",
  "DROP TABLE more_event_ids",
] as const;
const FILL = `WITH RECURSIVE blocks (block) AS (SELECT 1 UNION ALL SELECT block + 1 FROM blocks WHERE block < ?)
  INSERT INTO filler (zeros) SELECT zeroblob(?) FROM blocks`;

/** What a chunk and an indexed pseudonym take at most; pages of a table filled at random are at least half full. */
const CHUNK_BYTES_MAX = 4_096;
const INDEXED_BYTES_MAX = 64;
/**
 * About a megabyte. What doesn't fit the row's own page goes to pages of its own, 4,092 bytes each, and the rest stays:
 * this length is one whose rest, 4,061 bytes, leaves no room for old bytes there. See "B-tree Cell Format" in SQLite's
 * "Database File Format"; its pages are of 4,096 bytes here.
 */
const BLOCK_BYTES = 1_047_517;
/** One commit must stay within what an object's memory holds. */
const BLOCKS_MAX = 64;

const NONE: ReadonlySet<string> = new Set();
const NO_PAGE: PseudonymPage = { pseudonyms: [], next: 0 };

export class SqlSliceStore implements SliceStore {
  readonly #database: StoreDatabase;
  readonly #users: PseudonymLog;
  readonly #ids: PseudonymLog;
  #sealed: boolean;

  /** @param inMemoryMax users, and ids, that are held in memory */
  constructor(sql: SqlDatabase, inMemoryMax = IN_MEMORY_MAX) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
    this.#users = new PseudonymLog(sql, USERS, inMemoryMax);
    this.#ids = new PseudonymLog(sql, EVENT_IDS, inMemoryMax);
    this.#sealed = (this.head()?.sealedMs ?? null) !== null;
  }

  head(): SliceHead | undefined {
    const [row] = this.#database.read(READ_HEAD);
    return row === undefined ? undefined : toHead(row);
  }

  salt(): string | undefined {
    const [row] = this.#hasSecrets ? this.#database.read(READ_SALT) : [];
    return row === undefined ? undefined : String(row["salt"]);
  }

  countedUsers(users: readonly string[]): ReadonlySet<string> {
    return this.#hasSecrets ? this.#users.found(users) : NONE;
  }

  countedIds(ids: readonly string[]): ReadonlySet<string> {
    return this.#hasSecrets ? this.#ids.found(ids) : NONE;
  }

  commit(users: readonly string[], ids: readonly string[], head: SliceHead, salt?: string): void {
    const committed: (() => void)[] = [];
    this.#database.write((sql) => {
      if (salt !== undefined) sql.all(WRITE_SALT, salt);
      if (users.length > 0) committed.push(this.#users.append(users));
      if (ids.length > 0) committed.push(this.#ids.append(ids));
      sql.all(WRITE_HEAD, ...toColumns(head));
    });
    for (const remember of committed) remember();
  }

  users(after: PseudonymPosition, limit: number): PseudonymPage {
    return this.#hasSecrets ? this.#users.page(after, limit) : NO_PAGE;
  }

  ids(after: PseudonymPosition, limit: number): PseudonymPage {
    return this.#hasSecrets ? this.#ids.page(after, limit) : NO_PAGE;
  }

  /**
   * Deleting rows leaves their bytes in the file until the space is used again, and the platform refuses the setting
   * that would wipe it. So what becomes free is used at once, for zeros. That is bounded; past the bound the bytes of
   * pseudonyms may stay for a while, but without the salt, which is wiped first, nobody can tell whose they are.
   */
  seal(head: SliceHead): void {
    this.#database.write((sql) => {
      const bytes = this.#count(COUNT_CHUNKS) * CHUNK_BYTES_MAX + this.#count(COUNT_INDEXED) * INDEXED_BYTES_MAX;
      const blocks = Math.min(BLOCKS_MAX, 1 + Math.ceil(bytes / BLOCK_BYTES));
      sql.all(OVERWRITE_SALT);
      for (const statement of DROP_SECRETS) sql.all(statement);
      sql.all("CREATE TABLE filler (zeros BLOB) STRICT");
      sql.all(FILL, blocks, BLOCK_BYTES);
      sql.all("DROP TABLE filler");
      sql.all(WRITE_HEAD, ...toColumns(head));
    });
    this.#sealed = true;
  }

  get #hasSecrets(): boolean {
    return this.#database.isWritten && !this.#sealed;
  }

  #count(statement: string): number {
    return Number(this.#database.read(statement)[0]?.["count"] ?? 0);
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
