/**
 * The catalogue of a site: which of its slices hold data, and on which shards. Told by the shards themselves, once each,
 * before they count their first event; so a slice that is not in it holds nothing.
 */
import type { SliceClaim } from "../../core/analytics/routing.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";

export interface CataloguedSlice {
  readonly claim: SliceClaim;
  /** Those shards that hold data, in order. */
  readonly shards: readonly number[];
}

const MIGRATIONS: readonly Migration[] = [
  [
    `CREATE TABLE slices (
       start INTEGER PRIMARY KEY, slice_ms INTEGER NOT NULL, shards INTEGER NOT NULL
     ) STRICT`,
    `CREATE TABLE shards (
       start INTEGER NOT NULL, shard INTEGER NOT NULL, PRIMARY KEY (start, shard)
     ) WITHOUT ROWID, STRICT`,
  ],
  [
    "CREATE TABLE life (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL) STRICT",
    "INSERT INTO life (id, epoch) VALUES (1, lower(hex(randomblob(8))))",
  ],
];

const READ_EPOCH = "SELECT epoch FROM life";
const READ_CLAIM = "SELECT start, slice_ms, shards FROM slices WHERE start = ?";
const WRITE_CLAIM = "INSERT OR IGNORE INTO slices (start, slice_ms, shards) VALUES (?, ?, ?)";
const WRITE_SHARD = "INSERT OR IGNORE INTO shards (start, shard) VALUES (?, ?)";
const READ_SLICES = `SELECT start, slice_ms, shards,
    (SELECT json_group_array(shard) FROM (
       SELECT shard FROM shards WHERE shards.start = slices.start ORDER BY shard
     )) AS with_data
  FROM slices WHERE start >= ? AND start < ? ORDER BY start LIMIT ?`;

const COUNT_SHARDS = "SELECT COUNT(*) AS count FROM shards";
const DELETE_SHARDS = "DELETE FROM shards WHERE start = ?";
const DELETE_SLICE = "DELETE FROM slices WHERE start = ?";

export class SliceCatalogue {
  readonly #database: StoreDatabase;

  constructor(sql: SqlDatabase) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
  }

  get isWritten(): boolean {
    return this.#database.isWritten;
  }

  /** Names the life of the site, which ends when it is erased; `undefined` while nothing was written. */
  get epoch(): string | undefined {
    const [row] = this.#database.read(READ_EPOCH);
    return row === undefined ? undefined : String(row["epoch"]);
  }

  /** How the slice that starts at `start` is divided; `undefined` while it holds nothing. */
  claim(start: number): SliceClaim | undefined {
    const [row] = this.#database.read(READ_CLAIM, start);
    if (row === undefined) return undefined;
    return { start: Number(row["start"]), sliceMs: Number(row["slice_ms"]), shards: Number(row["shards"]) };
  }

  /** Notes that a shard of a slice is about to hold data. */
  add(claim: SliceClaim, shard: number): void {
    this.#database.write((sql) => {
      sql.all(WRITE_CLAIM, claim.start, claim.sliceMs, claim.shards);
      sql.all(WRITE_SHARD, claim.start, shard);
    });
  }

  /** Of all slices, those that hold data. */
  countShards(): number {
    return Number(this.#database.read(COUNT_SHARDS)[0]?.["count"] ?? 0);
  }

  /** Forgets a slice, whose shards hold nothing any more. */
  remove(start: number): void {
    this.#database.write((sql) => {
      sql.all(DELETE_SHARDS, start);
      sql.all(DELETE_SLICE, start);
    });
  }

  /** At most `limit` slices that start at `from` or later and before `to`, the earliest first. */
  slices(from: number, to: number, limit: number): readonly CataloguedSlice[] {
    const rows = this.#database.read(READ_SLICES, from, to, limit);
    return rows.map((row) => ({
      claim: { start: Number(row["start"]), sliceMs: Number(row["slice_ms"]), shards: Number(row["shards"]) },
      shards: JSON.parse(String(row["with_data"])) as readonly number[],
    }));
  }
}
