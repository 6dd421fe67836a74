/**
 * Entries that wait to be acknowledged, in the order in which they were reported, and who reported them. Bounded: what
 * doesn't fit is refused as a whole, before any of it is taken.
 */
import { utf8Length } from "../../core/text.ts";
import { limits } from "../../protocol/limits.ts";

/** One report: settled when the last of its entries is. */
export interface Report<Verdict> {
  readonly verdicts: Verdict[];
  waiting: number;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: Error) => void;
}

export interface Queued<Entry, Verdict> {
  readonly entry: Entry;
  /** Of its JSON and the comma before it. */
  readonly bytes: number;
  readonly report: Report<Verdict>;
  /** Which of its report's entries it is. */
  readonly index: number;
}

/** For the brackets around a batch. */
const FRAME_BYTES = 2;

export class EntryQueue<Entry, Verdict> {
  readonly #entriesMax: number;
  #entries: Queued<Entry, Verdict>[] = [];

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.length;
  }

  hasRoomFor(count: number): boolean {
    return this.#entries.length + count <= this.#entriesMax;
  }

  push(entries: readonly Entry[], report: Report<Verdict>): void {
    for (const [index, entry] of entries.entries()) {
      this.#entries.push({ entry, bytes: utf8Length(JSON.stringify(entry)) + 1, report, index });
    }
  }

  /** The first entries, as many as one request takes; with `alone` only of the first one's report. They stay in the queue. */
  batch(alone: boolean, bytesMax = limits.bodyBytesMax): readonly Queued<Entry, Verdict>[] {
    const batch: Queued<Entry, Verdict>[] = [];
    let bytes = FRAME_BYTES;
    for (const queued of this.#entries) {
      bytes += queued.bytes;
      if (bytes > bytesMax || batch.length === limits.batchEntriesMax) break;
      if (alone && queued.report !== this.#entries[0]?.report) break;
      batch.push(queued);
    }
    return batch;
  }

  /** Takes away the first `count` entries, which have been answered. */
  shift(count: number): void {
    this.#entries = this.#entries.slice(count);
  }

  /** Takes away all that is left of a report. */
  drop(report: Report<Verdict>): void {
    this.#entries = this.#entries.filter((queued) => queued.report !== report);
  }

  /** Empties the queue; answers the reports that were in it. */
  clear(): readonly Report<Verdict>[] {
    const reports = new Set(this.#entries.map((queued) => queued.report));
    this.#entries = [];
    return [...reports];
  }
}
