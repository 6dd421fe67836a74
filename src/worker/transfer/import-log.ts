/**
 * What an object remembers of the import that made it, in its own database. Things that were never imported have no such
 * table, and what erases a thing erases this too.
 */
import { admitImport } from "../../core/transfer/admit-import.ts";
import type { Admission, ImportProgress } from "../../core/transfer/admit-import.ts";
import { refuse, refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";

const CREATE = `CREATE TABLE IF NOT EXISTS import_progress (
    id INTEGER PRIMARY KEY CHECK (id = 1), export_id TEXT NOT NULL, taken INTEGER NOT NULL,
    faults INTEGER NOT NULL DEFAULT 0
  ) STRICT`;
const IS_THERE = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'import_progress'";
const READ = "SELECT export_id, taken FROM import_progress";
const WRITE = `INSERT INTO import_progress (id, export_id, taken) VALUES (1, ?, ?)
  ON CONFLICT (id) DO UPDATE SET export_id = excluded.export_id, taken = excluded.taken`;

const ADD_FAULTS = "UPDATE import_progress SET faults = faults + ?";
const READ_FAULTS = "SELECT faults FROM import_progress";

/** Records of one import, and how many come before them. */
export interface ImportRecords<R> {
  readonly exportId: string;
  readonly from: number;
  readonly records: readonly R[];
  /** How many the whole import has; known once its end has come. */
  readonly total?: number | undefined;
}

export class ImportLog {
  readonly #sql: SqlDatabase;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  progress(): ImportProgress | undefined {
    if (this.#sql.all(IS_THERE).length === 0) return undefined;
    const [row] = this.#sql.all(READ);
    return row === undefined ? undefined : { exportId: String(row["export_id"]), taken: Number(row["taken"]) };
  }

  /** Of what was taken, how much turned out to be other than what was exported. */
  faults(): number {
    return Number(this.#sql.all(READ_FAULTS)[0]?.["faults"] ?? 0);
  }

  /** To be called in the transaction that takes what is at fault. */
  addFaults(count: number): void {
    if (count > 0) this.#sql.all(ADD_FAULTS, count);
  }

  /** Whether records would be taken now; changes nothing. */
  admit(
    { exportId, from, records }: ImportRecords<unknown>,
    holdsData: boolean,
  ): Result<Extract<Admission, { readonly kind: "take" }>> {
    const admission = admitImport(this.progress(), holdsData, exportId, from, records.length);
    if (admission.kind === "take") return succeed(admission);
    return admission.kind === "occupied" ? occupied() : leavesGap(admission.taken);
  }

  /**
   * Takes those records that were not taken before, in one transaction with noting that they were. Answers how many are in.
   * None is taken if the end came too early, or is that of another file.
   *
   * @param holdsData whether there is anything in this object
   * @param reload called if it fails: what is in memory may then be ahead of the database
   * @param take given the new records, of which there may be none; `begins` if it is the first time
   */
  take<R>(
    { exportId, from, records, total }: ImportRecords<R>,
    holdsData: boolean,
    take: (records: readonly R[], begins: boolean) => void,
    reload: () => void,
  ): Result<number> {
    const admission = this.admit({ exportId, from, records }, holdsData);
    if (!admission.ok) return admission;
    const { skip, begins } = admission.value;
    const before = begins ? 0 : (this.progress()?.taken ?? 0);
    const taken = Math.max(before, from + records.length);
    if (total !== undefined && total !== taken) return lacksRecords(total, taken);
    if (skip === records.length && !begins) return succeed(before);
    try {
      this.#sql.transaction(() => {
        if (begins) this.#sql.all(CREATE);
        this.#sql.all(WRITE, exportId, taken);
        take(records.slice(skip), begins);
      });
    } catch (error) {
      reload();
      throw error;
    }
    return succeed(taken);
  }
}

function occupied(): Result<never> {
  return refuse(
    "conflict",
    "There is data here that did not come with this import. Import under another name, or erase it first.",
  );
}

/** A part of an import begins further on than the import stands. */
export function leavesGap(taken: number): Result<never> {
  return refuseField("from", `must be at most ${taken}, for that is how many records were taken`, "conflict");
}

/** The end of an import came before all of its records. */
export function lacksRecords(total: number, come: number): Result<never> {
  return refuse("conflict", `The export has ${total} records, of which ${come} have come. Send the end with the last.`);
}
