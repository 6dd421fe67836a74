/**
 * The storage port of a set: what `LwwSet` asks of a database. Synchronous and batch-shaped, so that one turn of an
 * object is one transaction and one batch is one statement.
 *
 * A store of a set that was never written holds nothing at all: reading must not create it.
 */
import type { Bias, Entry } from "./lww.ts";

/** Chosen when the set is created, and fixed for its life. */
export interface SetOptions {
  readonly bias: Bias;
  /** How far an op's timestamp may lie beyond the server's clock, in milliseconds. */
  readonly maxSkewMs: number;
  /** How long a tombstone is kept after its timestamp, in milliseconds; `null` keeps it for ever. */
  readonly tombstoneRetentionMs: number | null;
}

/** Everything about a set that is not in its entries; one row, written once a batch. */
export interface SetHead {
  readonly options: SetOptions;
  readonly epoch: string;
  /** Of the last change. */
  readonly sequence: number;
  /** Members, tombstones not counted. */
  readonly size: number;
  readonly digest: bigint;
  /** The greatest timestamp of the server's own that took effect; the next is greater. */
  readonly lastStampMs: number;
  /** The greatest timestamp of a purged tombstone, -1 while nothing was purged. Ops up to it are expired. */
  readonly purgedMs: number;
}

/** An entry with the sequence of its last effective change. Every entry's sequence is different. */
export interface SequencedEntry extends Entry {
  readonly sequence: number;
}

/** One stretch of the walk over all members. */
export interface MemberPage {
  readonly elements: readonly string[];
  /** Where the walk goes on: give it as `after`. `null` at the end. */
  readonly next: string | null;
}

export interface SetStore {
  /** `undefined` for a set that was never written. */
  head(): SetHead | undefined;

  /** The entries of those of `elements` that have one, by element. */
  read(elements: readonly string[]): ReadonlyMap<string, Entry>;

  /**
   * Puts each of `entries` in the place of its element's former one and the head in the place of the former head, and
   * takes away the entries of the elements in `purged`: all of it, or, when it throws, nothing.
   */
  commit(entries: readonly SequencedEntry[], head: SetHead, purged?: readonly string[]): void;

  /** At most `limit` entries with a sequence greater than `after`, in the order of their sequences. */
  changes(after: number, limit: number): readonly SequencedEntry[];

  /**
   * At most `limit` members greater than `after` in code point order. May look at a bounded number of entries only
   * and then answer fewer, even none, with `next` set.
   */
  members(after: string, limit: number): MemberPage;

  /** At most `limit` tombstones with a timestamp of at most `throughMs`, oldest first, then in code point order. */
  tombstones(throughMs: number, limit: number): readonly Entry[];
}
