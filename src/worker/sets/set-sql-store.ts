/**
 * A set's store in SQLite. The change log is the table of entries itself: each carries the sequence of its last
 * effective change, so the log can't outgrow the set.
 */
import { formatDigest, parseDigest } from "../../core/sets/digest.ts";
import type { Entry } from "../../core/sets/lww.ts";
import type { MemberPage, SequencedEntry, SetHead, SetStore } from "../../core/sets/set-store.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase, SqlRow } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";

/** Entries, tombstones included, that one page of members looks at before it answers with fewer than were asked for. */
export const MEMBERS_SCAN_MAX = 50_000;

const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE entries (
       element TEXT PRIMARY KEY, is_member INTEGER NOT NULL, timestamp INTEGER NOT NULL, sequence INTEGER NOT NULL
     ) WITHOUT ROWID, STRICT`,
    "CREATE UNIQUE INDEX entries_by_sequence ON entries (sequence)",
    `CREATE TABLE head (
       id INTEGER PRIMARY KEY CHECK (id = 1),
       bias TEXT NOT NULL, max_skew_ms INTEGER NOT NULL, tombstone_retention_ms INTEGER,
       epoch TEXT NOT NULL, sequence INTEGER NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL,
       last_stamp_ms INTEGER NOT NULL, purged_ms INTEGER NOT NULL
     ) STRICT`,
  ],
];

/** Only sets that purge pay for this index: it costs a row written for each tombstone. */
const TOMBSTONE_INDEX =
  "CREATE INDEX IF NOT EXISTS tombstones_by_timestamp ON entries (timestamp, element) WHERE is_member = 0";

const READ_HEAD = "SELECT * FROM head";
// Names what it sets, so that earlier code which runs beside this leaves columns alone that it doesn't know.
const WRITE_HEAD = `INSERT INTO head (
    id, bias, max_skew_ms, tombstone_retention_ms, epoch, sequence, size, digest, last_stamp_ms, purged_ms
  ) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET bias = excluded.bias, max_skew_ms = excluded.max_skew_ms, tombstone_retention_ms = excluded.tombstone_retention_ms,
    epoch = excluded.epoch, sequence = excluded.sequence, size = excluded.size,
    digest = excluded.digest, last_stamp_ms = excluded.last_stamp_ms, purged_ms = excluded.purged_ms`;
const READ_ENTRIES = `SELECT element, is_member, timestamp
  FROM json_each(?) AS wanted JOIN entries ON entries.element = wanted.value`;
const WRITE_ENTRIES = `INSERT INTO entries (element, is_member, timestamp, sequence)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
  ON CONFLICT (element) DO UPDATE
    SET is_member = excluded.is_member, timestamp = excluded.timestamp, sequence = excluded.sequence`;
const READ_CHANGES = `SELECT element, is_member, timestamp, sequence FROM entries
  WHERE sequence > ? ORDER BY sequence LIMIT ?`;
const READ_MEMBERS = `SELECT element, is_member FROM entries WHERE element > ? ORDER BY element LIMIT ?`;
const READ_TOMBSTONES = `SELECT element, is_member, timestamp FROM entries
  WHERE is_member = 0 AND timestamp <= ? ORDER BY timestamp, element LIMIT ?`;
const DELETE_ENTRIES = "DELETE FROM entries WHERE element IN (SELECT value FROM json_each(?))";

export class SqlSetStore implements SetStore {
  readonly #database: StoreDatabase;

  constructor(sql: SqlDatabase) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
  }

  head(): SetHead | undefined {
    const [row] = this.#database.read(READ_HEAD);
    return row === undefined ? undefined : toHead(row);
  }

  read(elements: readonly string[]): ReadonlyMap<string, Entry> {
    const rows = jsonChunks(elements).flatMap((chunk) => this.#database.read(READ_ENTRIES, chunk));
    return new Map(rows.map((row) => [String(row["element"]), toEntry(row)]));
  }

  commit(entries: readonly SequencedEntry[], head: SetHead, purged: readonly string[] = []): void {
    this.#database.write((sql, isFirst) => {
      if (isFirst && head.options.tombstoneRetentionMs !== null) sql.all(TOMBSTONE_INDEX);
      for (const chunk of jsonChunks(entries.map(toColumns))) sql.all(WRITE_ENTRIES, chunk);
      for (const chunk of jsonChunks(purged)) sql.all(DELETE_ENTRIES, chunk);
      sql.all(WRITE_HEAD, ...toHeadColumns(head));
    });
  }

  changes(after: number, limit: number): readonly SequencedEntry[] {
    const rows = this.#database.read(READ_CHANGES, after, limit);
    return rows.map((row) => ({ ...toEntry(row), sequence: Number(row["sequence"]) }));
  }

  members(after: string, limit: number): MemberPage {
    const elements: string[] = [];
    let next: string = after;
    for (let scanned = 0; scanned < MEMBERS_SCAN_MAX;) {
      // As a rule one row more than asked for is all there is to see; among tombstones the steps double.
      const step = Math.min(Math.max(limit + 1, scanned), MEMBERS_SCAN_MAX - scanned);
      const rows = this.#database.read(READ_MEMBERS, next, step);
      for (const row of rows) {
        if (elements.length === limit) return { elements, next };
        next = String(row["element"]);
        if (row["is_member"] === 1) elements.push(next);
      }
      if (rows.length < step) return { elements, next: null };
      scanned += rows.length;
    }
    return { elements, next };
  }

  tombstones(throughMs: number, limit: number): readonly Entry[] {
    return this.#database.read(READ_TOMBSTONES, throughMs, limit).map(toEntry);
  }
}

function toEntry(row: SqlRow): Entry {
  return {
    element: String(row["element"]),
    op: row["is_member"] === 1 ? "add" : "remove",
    timestamp: Number(row["timestamp"]),
  };
}

function toColumns(entry: SequencedEntry): readonly (string | number)[] {
  return [entry.element, entry.op === "add" ? 1 : 0, entry.timestamp, entry.sequence];
}

function toHeadColumns({ options, ...head }: SetHead): readonly (string | number | null)[] {
  return [
    options.bias,
    options.maxSkewMs,
    options.tombstoneRetentionMs,
    head.epoch,
    head.sequence,
    head.size,
    formatDigest(head.digest),
    head.lastStampMs,
    head.purgedMs,
  ];
}

function toHead(row: SqlRow): SetHead {
  const retentionMs = row["tombstone_retention_ms"] ?? null;
  return {
    options: {
      bias: row["bias"] === "remove" ? "remove" : "add",
      maxSkewMs: Number(row["max_skew_ms"]),
      tombstoneRetentionMs: retentionMs === null ? null : Number(retentionMs),
    },
    epoch: String(row["epoch"]),
    sequence: Number(row["sequence"]),
    size: Number(row["size"]),
    digest: parseDigest(String(row["digest"])),
    lastStampMs: Number(row["last_stamp_ms"]),
    purgedMs: Number(row["purged_ms"]),
  };
}
