/**
 * The pseudonyms of one kind in SQLite: a log of chunks that is only ever appended to, and the set of them in memory, which
 * is what answers. An index on random keys would dirty a page for each, and read one; a log writes one row a batch, and
 * costs the same however long it is. It is read once, when the object first has to know.
 *
 * Memory is bounded: what comes after {@link IN_MEMORY_MAX} goes to a table with an index, exact as well but slower.
 */
import { KNOWN_NAMES_MAX } from "../../core/analytics/known-names.ts";
import type { PseudonymPage, PseudonymPosition } from "../../core/analytics/slice-store.ts";
import { PseudonymSet } from "../../core/analytics/pseudonym-set.ts";
import { jsonChunks } from "../sql/json-chunks.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";

/** Of each of the two kinds that an object has, as many as names. A shard of more users should have been several. */
export const IN_MEMORY_MAX = KNOWN_NAMES_MAX;

/** Chunks of 2,016 bytes, so that two fit a page of the database. */
export const CHUNK_PSEUDONYMS = 126;
const HEX_DIGITS = 32;
const CHUNK_DIGITS = CHUNK_PSEUDONYMS * HEX_DIGITS;
/** Read at once, as 4 MB of hex. */
const READ_CHUNKS = 1_000;

/** The statements of one kind, whose text is constant. */
export interface PseudonymStatements {
  /** Chunks after one, in order: `chunk`, and `pseudonyms` in lower-case hex. */
  readonly readChunks: string;
  /** Puts `[chunk, hex]` in the place of chunks, or after them. */
  readonly writeChunks: string;
  /** Those of a list that the index has, as `value`. */
  readonly readIndex: string;
  readonly writeIndex: string;
  /** Those of the index after one, in order, as `pseudonym`. */
  readonly readIndexPage: string;
}

export class PseudonymLog {
  readonly #sql: SqlDatabase;
  readonly #statements: PseudonymStatements;
  readonly #inMemoryMax: number;
  #known: PseudonymSet | undefined;
  /** The chunk that has room. */
  #open = { chunk: 0, hex: "" };

  constructor(sql: SqlDatabase, statements: PseudonymStatements, inMemoryMax = IN_MEMORY_MAX) {
    this.#sql = sql;
    this.#statements = statements;
    this.#inMemoryMax = inMemoryMax;
  }

  /** Those of `pseudonyms` that are there. */
  found(pseudonyms: readonly string[]): ReadonlySet<string> {
    const known = this.#load();
    const found = new Set(pseudonyms.filter((pseudonym) => known.has(pseudonym)));
    if (known.size < this.#inMemoryMax) return found;
    for (const chunk of jsonChunks(pseudonyms.filter((pseudonym) => !found.has(pseudonym)))) {
      for (const row of this.#sql.all(this.#statements.readIndex, chunk)) found.add(String(row["value"]));
    }
    return found;
  }

  /**
   * Writes pseudonyms that are not there, in the caller's transaction.
   *
   * @returns to be called when that is committed
   */
  append(pseudonyms: readonly string[]): () => void {
    const known = this.#load();
    const room = Math.max(0, this.#inMemoryMax - known.size);
    const logged = pseudonyms.slice(0, room).join("");
    let { chunk, hex } = this.#open;
    hex += logged;
    const rows: (readonly [chunk: number, hex: string])[] = [];
    for (let from = 0; from < hex.length; from += CHUNK_DIGITS) {
      rows.push([chunk + from / CHUNK_DIGITS, hex.slice(from, from + CHUNK_DIGITS)]);
    }
    if (logged !== "") for (const part of jsonChunks(rows)) this.#sql.all(this.#statements.writeChunks, part);
    for (const part of jsonChunks(pseudonyms.slice(room))) this.#sql.all(this.#statements.writeIndex, part);
    return () => {
      known.addAll(logged);
      const full = Math.floor(hex.length / CHUNK_DIGITS);
      this.#open = { chunk: chunk + full, hex: hex.slice(full * CHUNK_DIGITS) };
    };
  }

  /**
   * At most `limit` pseudonyms after a position: of the log, in the order in which they came, then of the index, in their
   * own. What is appended to the log meanwhile is never passed over; what comes to the index may be.
   */
  page(after: PseudonymPosition, limit: number): PseudonymPage {
    if (typeof after === "number") {
      const chunk = Math.floor(after / CHUNK_PSEUDONYMS);
      const rows = this.#sql.all(this.#statements.readChunks, chunk - 1, Math.ceil(limit / CHUNK_PSEUDONYMS) + 1);
      const hex = rows.map((row) => String(row["pseudonyms"])).join("");
      const from = (after % CHUNK_PSEUDONYMS) * HEX_DIGITS;
      const pseudonyms = hex.slice(from, from + limit * HEX_DIGITS).match(/.{32}/g) ?? [];
      if (pseudonyms.length > 0) return { pseudonyms, next: after + pseudonyms.length };
    }
    const last = typeof after === "string" ? after : "";
    const rows = this.#sql.all(this.#statements.readIndexPage, last, limit);
    const pseudonyms = rows.map((row) => String(row["pseudonym"]));
    return { pseudonyms, next: pseudonyms.at(-1) ?? after };
  }

  #load(): PseudonymSet {
    if (this.#known !== undefined) return this.#known;
    const known = new PseudonymSet();
    let open = { chunk: 0, hex: "" };
    for (let after = -1, isMore = true; isMore;) {
      const rows = this.#sql.all(this.#statements.readChunks, after, READ_CHUNKS);
      for (const row of rows) {
        after = Number(row["chunk"]);
        const hex = String(row["pseudonyms"]);
        known.addAll(hex);
        open = hex.length < CHUNK_DIGITS ? { chunk: after, hex } : { chunk: after + 1, hex: "" };
      }
      isMore = rows.length === READ_CHUNKS;
    }
    this.#open = open;
    this.#known = known;
    return known;
  }
}
