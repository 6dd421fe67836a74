/**
 * The storage port of a stream: what `OrderedStream` asks of a database. Synchronous, and written once a turn: rows are
 * of turns, not of events. A store of a stream that was never written holds nothing at all.
 */
import type { DeadReason } from "./line.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StreamRecord } from "./stream-transfer.ts";

/** What has been counted since the stream began. */
export interface StreamTotals {
  readonly follow: number;
  readonly unfollow: number;
  readonly broadcast: number;
  readonly private: number;
  readonly status: number;
  /** Holes that were skipped, and the numbers in them. */
  readonly gaps: number;
  readonly skipped: number;
  readonly duplicates: number;
  readonly deadLetters: number;
}

/** What is kept of the log for replay. There may be more, as far back as the checkpoint of the follow graph. */
export interface LogExtent {
  /** The number after which it begins. */
  readonly start: number;
  readonly events: number;
  readonly units: number;
}

/** Everything about a stream that is one row. */
export interface StreamHead {
  readonly options: StreamOptions;
  /** The last number that was processed. */
  readonly cursor: number;
  /** The number after which everything can be replayed; not before that of `log`. */
  readonly oldest: number;
  readonly log: LogExtent;
  /** The number up to which the checkpoint of the follow graph goes. */
  readonly checkpoint: number;
  readonly totals: StreamTotals;
}

/** Lines that were processed, in order, each ended by LF but the last. */
export interface LogSegment {
  /** The number of the last line, by which the segment is found. */
  readonly last: number;
  readonly events: number;
  readonly text: string;
}

/** Lines of one turn that wait, separated by LF. */
export interface HeldLines {
  readonly id: number;
  /** When they came, in milliseconds since the Unix epoch. */
  readonly seenMs: number;
  readonly text: string;
}

export interface StoredDeadLetter {
  /** Counts from 1. */
  readonly id: number;
  readonly atMs: number;
  readonly reason: DeadReason;
  readonly line: string;
}

/** All that a turn changes. */
export interface StreamCommit {
  readonly head: StreamHead;
  readonly segments: readonly LogSegment[];
  readonly held: readonly HeldLines[];
  /** The ids of held lines that have passed. */
  readonly passed: readonly number[];
  /** First and last number of each hole that was skipped, one after the other. */
  readonly gaps: readonly number[];
  readonly deadLetters: readonly StoredDeadLetter[];
  /** Dead letters up to this id need not be kept; 0 if nothing is to be trimmed, as in the two that follow. */
  readonly deadLettersTrimmed: number;
  /** Segments up to this number need not be kept. */
  readonly logTrimmed: number;
  /** Holes up to this number need not be kept. */
  readonly gapsTrimmed: number;
  /** The follow graph as of the cursor, in the place of the former checkpoint. */
  readonly checkpoint?: Iterable<string>;
}

export interface StreamStore {
  /** `undefined` for a stream that was never written. */
  head(): StreamHead | undefined;

  /** In the order of their ids. */
  held(): Iterable<HeldLines>;

  /** First and last number of each hole that is kept, one after the other, in order. */
  gaps(): readonly number[];

  /** In the order in which they were written. */
  checkpoint(): Iterable<string>;

  /** The segments with numbers above `sequence`, in order: at least one if there are any, and then more up to `unitsMax`. */
  segmentsAfter(sequence: number, unitsMax: number): readonly LogSegment[];

  /** Dead letters with ids above `after`, in order, at most `limit`. May hold some that were trimmed. */
  deadLetters(after: number, limit: number): readonly StoredDeadLetter[];

  /** One chunk of the checkpoint, counted from 0; `undefined` after the last. */
  checkpointChunk(chunk: number): string | undefined;

  /** Another for each checkpoint that was written. */
  checkpointMark(): string;

  /** All of it, or, when it throws, nothing. */
  commit(commit: StreamCommit): void;

  /** Puts a record of an export into a store in which nothing but such records is; the head comes last. */
  restore(record: StreamRecord): void;
}
