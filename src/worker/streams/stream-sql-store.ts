/**
 * A stream in SQLite: a few rows a turn, however many events it had. Rows are texts of many lines, bounded by what the
 * platform takes in one row (2 MB, which a local server does not check).
 */
import type {
  HeldLines,
  LogSegment,
  StoredDeadLetter,
  StreamCommit,
  StreamHead,
  StreamStore,
} from "../../core/streams/stream-store.ts";
import type { StreamRecord } from "../../core/streams/stream-transfer.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import type { Migration } from "../sql/migrations.ts";
import type { SqlDatabase, SqlRow } from "../sql/sql-database.ts";
import { StoreDatabase } from "../sql/store-database.ts";

const MIGRATIONS: readonly Migration[] = [
  [
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT",
    `CREATE TABLE log (
       last INTEGER PRIMARY KEY, events INTEGER NOT NULL, units INTEGER NOT NULL, text TEXT NOT NULL
     ) STRICT`,
    "CREATE TABLE held (id INTEGER PRIMARY KEY, seen_ms INTEGER NOT NULL, text TEXT NOT NULL) STRICT",
    "CREATE TABLE gaps (last INTEGER PRIMARY KEY, bounds TEXT NOT NULL) STRICT",
    "CREATE TABLE graph (chunk INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",
    "CREATE TABLE dead_letters (last INTEGER PRIMARY KEY, letters TEXT NOT NULL) STRICT",
  ],
];

const READ_HEAD = "SELECT json FROM head";
const WRITE_HEAD = "INSERT INTO head (id, json) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json";
const READ_EXTENTS = "SELECT last, units FROM log WHERE last > ? ORDER BY last LIMIT ?";
const READ_SEGMENTS = "SELECT last, events, text FROM log WHERE last > ? AND last <= ? ORDER BY last";
const WRITE_SEGMENT = "INSERT INTO log (last, events, units, text) VALUES (?, ?, ?, ?)";
const TRIM_LOG = "DELETE FROM log WHERE last <= ?";
const READ_HELD = "SELECT id, seen_ms, text FROM held WHERE id > ? ORDER BY id LIMIT ?";
const WRITE_HELD = "INSERT INTO held (id, seen_ms, text) VALUES (?, ?, ?)";
const REMOVE_HELD = "DELETE FROM held WHERE id IN (SELECT value FROM json_each(?))";
const READ_GAPS = "SELECT bounds FROM gaps ORDER BY last";
const WRITE_GAPS = "INSERT INTO gaps (last, bounds) VALUES (?, ?)";
const TRIM_GAPS = "DELETE FROM gaps WHERE last <= ?";
const READ_CHUNK = "SELECT text FROM graph WHERE chunk = ?";
const WRITE_CHUNK = "INSERT INTO graph (chunk, text) VALUES (?, ?)";
const APPEND_CHUNK = "INSERT INTO graph (chunk, text) SELECT COALESCE(MAX(chunk) + 1, 0), ? FROM graph";
const CLEAR_GRAPH = "DELETE FROM graph";
const READ_DEAD_LETTERS = "SELECT last, letters FROM dead_letters WHERE last > ? ORDER BY last LIMIT ?";
const WRITE_DEAD_LETTERS = "INSERT INTO dead_letters (last, letters) VALUES (?, ?)";
const TRIM_DEAD_LETTERS = "DELETE FROM dead_letters WHERE last <= ?";

/** Rows that are looked at together; where they may be long, few enough to fit memory. */
const EXTENTS_MAX = 256;
const LONG_ROWS_MAX = 16;
/** Where the number is kept at which the checkpoint was written. */
const MARK_CHUNK = -1;
/** Bounds in a row of gaps: 16 digits each, and a comma. */
const GAP_BOUNDS_MAX = 20_000;

export class SqlStreamStore implements StreamStore {
  readonly #database: StoreDatabase;

  constructor(sql: SqlDatabase) {
    this.#database = new StoreDatabase(sql, MIGRATIONS);
  }

  head(): StreamHead | undefined {
    const [row] = this.#database.read(READ_HEAD);
    return row === undefined ? undefined : (JSON.parse(String(row["json"])) as StreamHead);
  }

  *held(): Generator<HeldLines> {
    for (const row of this.#longRows(READ_HELD, "id")) {
      yield { id: Number(row["id"]), seenMs: Number(row["seen_ms"]), text: String(row["text"]) };
    }
  }

  gaps(): readonly number[] {
    return this.#database.read(READ_GAPS).flatMap((row) => JSON.parse(String(row["bounds"])) as number[]);
  }

  *checkpoint(): Generator<string> {
    for (let chunk = 0; ; chunk++) {
      const [row] = this.#database.read(READ_CHUNK, chunk);
      if (row === undefined) return;
      yield String(row["text"]);
    }
  }

  checkpointChunk(chunk: number): string | undefined {
    const [row] = this.#database.read(READ_CHUNK, chunk);
    return row === undefined ? undefined : String(row["text"]);
  }

  checkpointMark(): string {
    return this.checkpointChunk(MARK_CHUNK) ?? "";
  }

  segmentsAfter(sequence: number, unitsMax: number): readonly LogSegment[] {
    let units = 0;
    let to = sequence;
    for (const row of this.#database.read(READ_EXTENTS, sequence, unitsMax === 0 ? 1 : EXTENTS_MAX)) {
      units += Number(row["units"]);
      if (to > sequence && units > unitsMax) break;
      to = Number(row["last"]);
    }
    if (to === sequence) return [];
    return this.#database.read(READ_SEGMENTS, sequence, to).map(toSegment);
  }

  deadLetters(after: number, limit: number): readonly StoredDeadLetter[] {
    const found: StoredDeadLetter[] = [];
    for (const row of this.#longRows(READ_DEAD_LETTERS, "last", after)) {
      const letters = JSON.parse(String(row["letters"])) as readonly StoredDeadLetter[];
      found.push(...letters.filter(({ id }) => id > after));
      if (found.length >= limit) return found.slice(0, limit);
    }
    return found;
  }

  commit(commit: StreamCommit): void {
    this.#database.write((sql) => {
      for (const { last, events, text } of commit.segments) sql.all(WRITE_SEGMENT, last, events, text.length, text);
      for (const { id, seenMs, text } of commit.held) sql.all(WRITE_HELD, id, seenMs, text);
      for (const ids of jsonChunks(commit.passed)) sql.all(REMOVE_HELD, ids);
      for (let at = 0; at < commit.gaps.length; at += GAP_BOUNDS_MAX) {
        const bounds = commit.gaps.slice(at, at + GAP_BOUNDS_MAX);
        sql.all(WRITE_GAPS, bounds.at(-1) ?? 0, JSON.stringify(bounds));
      }
      writeDeadLetters(sql, commit.deadLetters);
      if (commit.logTrimmed > 0) sql.all(TRIM_LOG, commit.logTrimmed);
      if (commit.gapsTrimmed > 0) sql.all(TRIM_GAPS, commit.gapsTrimmed);
      if (commit.deadLettersTrimmed > 0) sql.all(TRIM_DEAD_LETTERS, commit.deadLettersTrimmed);
      if (commit.checkpoint !== undefined) {
        sql.all(CLEAR_GRAPH);
        sql.all(WRITE_CHUNK, MARK_CHUNK, String(commit.head.cursor));
        let chunk = 0;
        for (const text of commit.checkpoint) sql.all(WRITE_CHUNK, chunk++, text);
      }
      sql.all(WRITE_HEAD, JSON.stringify(commit.head));
    });
  }

  restore(record: StreamRecord): void {
    this.#database.write((sql) => {
      if (record.kind === "graph") sql.all(APPEND_CHUNK, record.text);
      else if (record.kind === "segment") {
        const { last, events, text } = record.segment;
        sql.all(WRITE_SEGMENT, last, events, text.length, text);
      } else if (record.kind === "gaps") {
        sql.all(WRITE_GAPS, record.bounds.at(-1) ?? 0, JSON.stringify(record.bounds));
      } else if (record.kind === "dead letters") writeDeadLetters(sql, record.letters);
      else if (record.kind === "held") sql.all(WRITE_HELD, record.lines.id, record.lines.seenMs, record.lines.text);
      else sql.all(WRITE_HEAD, JSON.stringify(record.head));
    });
  }

  /** Rows with keys above `after`, a few at a time. */
  *#longRows(statement: string, key: string, after = 0): Generator<SqlRow> {
    for (let from = after; ;) {
      const rows = this.#database.read(statement, from, LONG_ROWS_MAX);
      yield* rows;
      if (rows.length < LONG_ROWS_MAX) return;
      from = Number(rows.at(-1)?.[key]);
    }
  }
}

function toSegment(row: SqlRow): LogSegment {
  return { last: Number(row["last"]), events: Number(row["events"]), text: String(row["text"]) };
}

function writeDeadLetters(sql: SqlDatabase, letters: readonly StoredDeadLetter[]): void {
  for (const chunk of jsonChunks(letters)) {
    const { id } = (JSON.parse(chunk) as readonly StoredDeadLetter[]).at(-1) ?? { id: 0 };
    sql.all(WRITE_DEAD_LETTERS, id, chunk);
  }
}
