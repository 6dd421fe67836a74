/**
 * A stream in records, as an export reads it and an import takes it: the checkpoint of the follow graph, the log from it or from
 * where retention begins, and in the end, in one turn, what waits, what was skipped, what was dead, and the head.
 *
 * The log only grows, so what is processed meanwhile simply comes with it. Two things can end an export in the middle: a
 * checkpoint that is written anew, and a log that is trimmed faster than it is read.
 */
import type { HeldLines, LogSegment, StoredDeadLetter, StreamHead, StreamStore } from "./stream-store.ts";

export type StreamRecord =
  | { readonly kind: "graph"; readonly text: string }
  | { readonly kind: "segment"; readonly segment: LogSegment }
  /** First and last number of each hole, one after the other. */
  | { readonly kind: "gaps"; readonly bounds: readonly number[] }
  | { readonly kind: "dead letters"; readonly letters: readonly StoredDeadLetter[] }
  | { readonly kind: "held"; readonly lines: HeldLines }
  /** Comes last, and makes the stream. */
  | { readonly kind: "head"; readonly head: StreamHead };

export type StreamPosition =
  /** The chunk of the checkpoint that comes next, and which checkpoint it is of. */
  | { readonly kind: "graph"; readonly chunk: number; readonly mark: string }
  /** Log and dead letters are read so far; the checkpoint that was read is as of `checkpoint`. */
  | { readonly kind: "log"; readonly after: number; readonly letters: number; readonly checkpoint: number };

export type StreamPage =
  | { readonly kind: "more"; readonly records: readonly StreamRecord[]; readonly next: StreamPosition }
  | { readonly kind: "end"; readonly records: readonly StreamRecord[] }
  /** It must begin anew. */
  | { readonly kind: "gone" }
  /** More waits than one turn can read. */
  | { readonly kind: "too much waits" };

/** About what a page weighs, in UTF-16 code units. */
const PAGE_UNITS = 1 << 20;
/** What may wait while a stream is exported. */
export const HELD_UNITS_MAX = 8 << 20;
/** Numbers, and letters, in one record. */
const GAP_BOUNDS_MAX = 20_000;
const LETTERS_MAX = 400;

/** @returns `undefined` for a stream that was never written */
export function streamStart(store: StreamStore): StreamPosition | undefined {
  return store.head() === undefined ? undefined : { kind: "graph", chunk: 0, mark: store.checkpointMark() };
}

export function readStreamPage(store: StreamStore, position: StreamPosition): StreamPage {
  const head = store.head();
  if (head === undefined) return { kind: "gone" };
  return position.kind === "graph" ? readGraph(store, head, position) : readLog(store, head, position);
}

/**
 * Whether what an import brought goes on as one stream: nothing in it is ahead of its head, where the next lines are to
 * go. That there are no two of the same, and that lines are events, is found by storing and by loading them.
 */
export function isCoherent(store: StreamStore): boolean {
  const head = store.head();
  if (head === undefined) return true;
  const { cursor, oldest, log, checkpoint, totals, options } = head;
  return (
    log.start <= oldest &&
    oldest <= cursor &&
    checkpoint <= cursor &&
    options.firstSequence <= cursor + 1 &&
    store.segmentsAfter(cursor, 0).length === 0 &&
    (store.gaps().at(-1) ?? 0) <= cursor &&
    store.deadLetters(totals.deadLetters, 1).length === 0
  );
}

function readGraph(store: StreamStore, head: StreamHead, at: StreamPosition & { readonly kind: "graph" }): StreamPage {
  if (store.checkpointMark() !== at.mark) return { kind: "gone" };
  const records: StreamRecord[] = [];
  let { chunk } = at;
  for (let units = 0; units < PAGE_UNITS; chunk++) {
    const text = store.checkpointChunk(chunk);
    if (text === undefined) {
      const { checkpoint, log } = head;
      const next = { kind: "log", after: Math.min(log.start, checkpoint), letters: 0, checkpoint } as const;
      return { kind: "more", records, next };
    }
    records.push({ kind: "graph", text });
    units += text.length;
  }
  return { kind: "more", records, next: { ...at, chunk } };
}

function readLog(store: StreamStore, head: StreamHead, at: StreamPosition & { readonly kind: "log" }): StreamPage {
  if (Math.min(head.log.start, head.checkpoint) > at.after) return { kind: "gone" };
  const segments = store.segmentsAfter(at.after, PAGE_UNITS);
  const records: StreamRecord[] = segments.map((segment) => ({ kind: "segment", segment }));
  const after = segments.at(-1)?.last ?? at.after;
  if (segments.length > 0 && store.segmentsAfter(after, 0).length > 0) {
    return { kind: "more", records, next: { ...at, after } };
  }
  const letters = store.deadLetters(at.letters, LETTERS_MAX);
  if (letters.length > 0) records.push({ kind: "dead letters", letters });
  if (letters.length === LETTERS_MAX) {
    return { kind: "more", records, next: { ...at, after, letters: letters.at(-1)?.id ?? at.letters } };
  }
  return readEnd(store, { ...head, checkpoint: at.checkpoint }, records);
}

function readEnd(store: StreamStore, head: StreamHead, records: StreamRecord[]): StreamPage {
  const gaps = store.gaps();
  for (let from = 0; from < gaps.length; from += GAP_BOUNDS_MAX) {
    records.push({ kind: "gaps", bounds: gaps.slice(from, from + GAP_BOUNDS_MAX) });
  }
  let units = 0;
  for (const lines of store.held()) {
    units += lines.text.length;
    if (units > HELD_UNITS_MAX) return { kind: "too much waits" };
    records.push({ kind: "held", lines });
  }
  records.push({ kind: "head", head });
  return { kind: "end", records };
}
