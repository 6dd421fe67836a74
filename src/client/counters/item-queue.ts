/**
 * Items that wait to be acknowledged, in the order in which they were reported, and who reported them. Bounded: what
 * doesn't fit is refused as a whole, before any of it is taken.
 */
import type { Verdict } from "../../core/counters/distinct.ts";
import { utf8Length } from "../../core/text.ts";
import { limits } from "../../protocol/limits.ts";
import type { ItemInput } from "./items-handle.ts";

/** One report: settled when the last of its items is. */
export interface Report {
  readonly verdicts: Verdict[];
  waiting: number;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (error: Error) => void;
}

export interface QueuedItem {
  readonly item: ItemInput;
  /** Of its JSON and the comma before it. */
  readonly bytes: number;
  readonly report: Report;
  /** Which of its report's items it is. */
  readonly index: number;
}

/** For the brackets around a batch. */
const FRAME_BYTES = 2;

export class ItemQueue {
  readonly #itemsMax: number;
  #items: QueuedItem[] = [];

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  get size(): number {
    return this.#items.length;
  }

  hasRoomFor(count: number): boolean {
    return this.#items.length + count <= this.#itemsMax;
  }

  push(items: readonly ItemInput[], report: Report): void {
    for (const [index, { id, tenant }] of items.entries()) {
      const item = { id, tenant };
      this.#items.push({ item, bytes: utf8Length(JSON.stringify(item)) + 1, report, index });
    }
  }

  /** The first items, as many as one request takes; with `alone` only of the first one's report. They stay in the queue. */
  batch(alone: boolean, bytesMax = limits.bodyBytesMax): readonly QueuedItem[] {
    const batch: QueuedItem[] = [];
    let bytes = FRAME_BYTES;
    for (const queued of this.#items) {
      bytes += queued.bytes;
      if (bytes > bytesMax || batch.length === limits.batchEntriesMax) break;
      if (alone && queued.report !== this.#items[0]?.report) break;
      batch.push(queued);
    }
    return batch;
  }

  /** Takes away the first `count` items, which have been answered. */
  shift(count: number): void {
    this.#items = this.#items.slice(count);
  }

  /** Takes away all that is left of a report. */
  drop(report: Report): void {
    this.#items = this.#items.filter((queued) => queued.report !== report);
  }

  /** Empties the queue; answers the reports that were in it. */
  clear(): readonly Report[] {
    const reports = new Set(this.#items.map((queued) => queued.report));
    this.#items = [];
    return [...reports];
  }
}
