/**
 * The part of a stream's object that exports and imports. An imported stream has no head until its last record, so it is
 * nothing yet; meanwhile whoever would write or follow is told to come later.
 */
import type { OrderedStream } from "../../core/streams/ordered-stream.ts";
import { isCoherent, readStreamPage, streamStart } from "../../core/streams/stream-transfer.ts";
import type { StreamPage, StreamPosition } from "../../core/streams/stream-transfer.ts";
import { refuse, refuseField, refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { StreamImport, StreamRecordLine, StreamState } from "../../protocol/stream-transfer.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import { logError } from "../log.ts";
import { ImportLog } from "../transfer/import-log.ts";
import { toRecord } from "./stream-records.ts";
import { SqlStreamStore } from "./stream-sql-store.ts";

export interface ExportedPage {
  readonly page: StreamPage & { readonly kind: "more" | "end" };
  /** As of the same moment. */
  readonly state: StreamState;
}

const RETRY_AFTER_S = 5;

/** What was sent contradicts itself, or holds what no stream has. */
class NoStream extends Error {
  override readonly name = "NoStream";
}

export class StreamTransfer {
  readonly #sql: SqlDatabase;
  readonly #stream: () => OrderedStream;
  #isImporting: boolean;

  constructor(sql: SqlDatabase, stream: () => OrderedStream) {
    this.#sql = sql;
    this.#stream = stream;
    this.#isImporting = new ImportLog(sql).progress() !== undefined && this.#store.head() === undefined;
  }

  /** Why nobody may use the stream now, if that is so. */
  get refusal(): Result<never> | undefined {
    return this.#isImporting ? refuseForNow("The stream is being imported.", RETRY_AFTER_S) : undefined;
  }

  /** `undefined`: there is nothing to export. */
  start(): { readonly position: StreamPosition; readonly cursor: number } | undefined {
    const position = streamStart(this.#store);
    return position === undefined ? undefined : { position, cursor: this.#stream().cursor };
  }

  page(position: StreamPosition): Result<ExportedPage> {
    const page = readStreamPage(this.#store, position);
    if (page.kind === "gone") {
      return refuse("offset_gone", "What was to be read next is not there any more. Begin the export anew.");
    }
    if (page.kind === "too much waits") {
      const detail = "Too much waits in this stream for it to be exported. Fill or skip its hole first.";
      return refuseForNow(detail, RETRY_AFTER_S);
    }
    return succeed({ page, state: stateOf(this.#stream()) });
  }

  /**
   * Takes a part of an import.
   *
   * @param reset sends everyone away, and makes the stream what is stored
   */
  take({ header, records, end }: StreamImport, from: number, reset: () => void): Result<ImportAnswer> {
    const store = this.#store;
    const wasImporting = this.#isImporting;
    const take = (lines: readonly StreamRecordLine[]) => {
      try {
        for (const line of lines) {
          if (store.head() !== undefined) throw new Error("The head is the last record");
          store.restore(toRecord(line));
        }
        this.#isImporting = store.head() === undefined;
        if (end !== undefined && this.#isImporting) throw new Error("There is no head");
        if (!isCoherent(store)) throw new Error("Something is ahead of the head");
        // Before it is committed: an object that can't load what it stores never answers again, not even to be erased.
        reset();
      } catch (error) {
        throw new NoStream("Records that make no stream", { cause: error });
      }
    };
    const reload = () => {
      this.#isImporting = wasImporting;
      reset();
    };
    const holdsData = store.head() !== undefined;
    let taken: Result<number>;
    try {
      const part = { exportId: header.id, from, records, total: end?.records };
      taken = new ImportLog(this.#sql).take(part, holdsData, take, reload);
    } catch (error) {
      if (!(error instanceof NoStream)) throw error;
      logError(error.cause);
      return refuseField("body", "has records that make no stream");
    }
    if (!taken.ok) return taken;
    if (end === undefined) return succeed({ taken: taken.value, identical: null });
    // Of records that came before. They stay, and so does the import, until it is erased.
    if (this.#isImporting) return refuseField("body", "ends an export without a head; erase what came of it");
    const state = stateOf(this.#stream());
    const names = Object.keys(state) as (keyof StreamState)[];
    return succeed({ taken: taken.value, identical: names.every((name) => state[name] === end.state[name]) });
  }

  /** Everything was erased. */
  forget(): void {
    this.#isImporting = false;
  }

  get #store(): SqlStreamStore {
    return new SqlStreamStore(this.#sql);
  }
}

function stateOf({ cursor, oldest, buffered, follows, totals }: OrderedStream): StreamState {
  return { cursor, oldest, buffered, follows, dead_letters: totals.deadLetters };
}
