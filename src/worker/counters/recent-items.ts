/**
 * Items that were counted lately and are not in the table of all items yet. In a large table the ids of a batch, if they
 * have no order, lie on a page each, and every page is read, changed and written for one id. So batches go to a log first,
 * one row each, and from there to the table in the order of their ids, in which neighbours share a page: with each batch
 * that comes a few more than it brought, so that none has to wait for all of them.
 *
 * There are two generations: one that grows, and, once that is full, one that is moved while the next grows. What waits is
 * held in memory, so a generation is bounded in characters.
 */
import { jsonChunks } from "../sql/json-chunks.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";

/** `moved_to`: the last id that was moved when the batch was written; empty if none was, NULL if none had to be. */
export const CREATE_RECENT = `CREATE TABLE recent (
  batch INTEGER PRIMARY KEY, generation INTEGER NOT NULL, counted_ms INTEGER NOT NULL, ids TEXT NOT NULL, moved_to TEXT
) STRICT`;

/** For each id that comes, so that a generation has been moved before the next is full. */
const MOVED_FOR_EACH = 1.1;

const READ_RECENT = "SELECT batch, generation, counted_ms, ids, moved_to FROM recent ORDER BY batch";
const WRITE_BATCH = "INSERT INTO recent (batch, generation, counted_ms, ids, moved_to) VALUES (?, ?, ?, ?, ?)";
const DELETE_BATCHES = "DELETE FROM recent WHERE batch <= ?";
const FIND_ANY = "SELECT 1 FROM json_each(?) AS wanted JOIN items ON items.id = wanted.value LIMIT 1";
/** Puts `[id, counted_ms]` into the table. Without `OR IGNORE`: one that is there already must fail. */
export const PUT_ITEMS = "INSERT INTO items (id, counted_ms) SELECT value ->> 0, value ->> 1 FROM json_each(?)";

interface Generation {
  readonly number: number;
  readonly countedMs: Map<string, number>;
  /** Of its ids, in UTF-16 code units. */
  units: number;
  /** Its last batch. */
  batch: number;
}

/** A generation on its way to the table. */
interface Moving {
  /** Of those of its items that are not there yet. */
  readonly countedMs: Map<string, number>;
  /** The same, the last to be moved first. */
  readonly order: string[];
  /** The last id that has been moved; empty if none has. */
  movedTo: string;
  /** Its last batch. */
  readonly batch: number;
}

/** What the log holds. */
interface Recent {
  growing: Generation;
  moving: Moving | undefined;
}

/** Whatever writes runs in a transaction of the caller's, who calls {@link RecentItems.forget} if that fails. */
export class RecentItems {
  readonly #sql: SqlDatabase;
  #known: Recent | undefined;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  get isEmpty(): boolean {
    const { growing, moving } = this.#recent();
    return growing.countedMs.size === 0 && moving === undefined;
  }

  /** When an id was counted that is in the log; `undefined` if it is not there. */
  countedMs(id: string): number | undefined {
    const { growing, moving } = this.#recent();
    return growing.countedMs.get(id) ?? moving?.countedMs.get(id);
  }

  /**
   * Adds ids that are neither here nor in the table, and moves as many as have to be moved for them.
   *
   * @param fullUnits of ids make a generation full, in UTF-16 code units
   */
  append(ids: readonly string[], atMs: number, fullUnits: number): void {
    const recent = this.#recent();
    const chunks = jsonChunks(ids);
    const isKnown = ids.some((id) => this.countedMs(id) !== undefined);
    const isInTable = (chunk: string) => this.#sql.all(FIND_ANY, chunk).length > 0;
    if (isKnown || new Set(ids).size < ids.length || chunks.some(isInTable)) throw countedTwice();
    if (recent.growing.units >= fullUnits) this.#turn(recent);
    this.#move(recent, Math.ceil(ids.length * MOVED_FOR_EACH));
    const { growing, moving } = recent;
    for (const chunk of chunks) {
      growing.batch += 1;
      this.#sql.all(WRITE_BATCH, growing.batch, growing.number, atMs, chunk, moving?.movedTo ?? null);
    }
    for (const id of ids) add(growing, id, atMs);
  }

  /** Moves everything to the table. */
  settle(): void {
    const recent = this.#recent();
    if (recent.growing.countedMs.size > 0) this.#turn(recent);
    this.#move(recent, Infinity);
  }

  /** Forgets what it holds in memory, which may not be what is in the database. */
  forget(): void {
    this.#known = undefined;
  }

  /** What grew is moved from now on, and the next grows. */
  #turn(recent: Recent): void {
    this.#move(recent, Infinity);
    const { growing } = recent;
    recent.moving = toMove(growing, "");
    recent.growing = emptyGeneration(growing.number + 1, growing.batch);
  }

  #move(recent: Recent, count: number): void {
    const { moving } = recent;
    if (moving === undefined) return;
    const ids = moving.order.splice(-count).toReversed();
    const items = ids.map((id) => [id, moving.countedMs.get(id)] as const);
    for (const chunk of jsonChunks(items)) this.#sql.all(PUT_ITEMS, chunk);
    for (const id of ids) moving.countedMs.delete(id);
    moving.movedTo = ids.at(-1) ?? moving.movedTo;
    if (moving.order.length > 0) return;
    this.#sql.all(DELETE_BATCHES, moving.batch);
    recent.moving = undefined;
  }

  #recent(): Recent {
    this.#known ??= this.#read();
    return this.#known;
  }

  #read(): Recent {
    const rows = this.#sql.all(READ_RECENT);
    const growing = emptyGeneration(Number(rows.at(-1)?.["generation"] ?? 0), 0);
    const older = emptyGeneration(Number(rows.at(0)?.["generation"] ?? 0), 0);
    for (const row of rows) {
      const generation = Number(row["generation"]) === growing.number ? growing : older;
      generation.batch = Number(row["batch"]);
      const ids = JSON.parse(String(row["ids"])) as readonly string[];
      for (const id of ids) add(generation, id, Number(row["counted_ms"]));
    }
    const movedTo = rows.at(-1)?.["moved_to"] ?? null;
    return { growing, moving: movedTo === null ? undefined : toMove(older, String(movedTo)) };
  }
}

/** @param batch the last before it */
function emptyGeneration(number: number, batch: number): Generation {
  return { number, countedMs: new Map(), units: 0, batch };
}

function add(generation: Generation, id: string, atMs: number): void {
  generation.countedMs.set(id, atMs);
  generation.units += id.length;
}

/** @param movedTo the last id that has been moved; empty if none has */
function toMove({ countedMs, batch }: Generation, movedTo: string): Moving {
  const items = [...countedMs].filter(([id]) => id > movedTo);
  const order = items.map(([id]) => id).toSorted();
  return { countedMs: new Map(items), order: order.toReversed(), movedTo, batch };
}

/** That the decision what is new has gone wrong. */
export function countedTwice(): Error {
  return new Error("An item can't be counted twice.");
}
