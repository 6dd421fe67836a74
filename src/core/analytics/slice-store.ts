/**
 * The storage port of one shard of a slice: what `SliceShard` asks of a database. Synchronous and batch-shaped, so that
 * one turn of an object is one transaction and one batch is one statement.
 *
 * Users and event ids come as pseudonyms, 32 lower-case hex digits each; names never get this far. A store of a shard
 * that has counted nothing holds nothing at all: reading must not create it.
 */
import type { SliceClaim } from "./routing.ts";
import type { Totals } from "./totals.ts";

/** Everything about the shard that is not in its tables of pseudonyms; one row, written once a batch. */
export interface SliceHead extends Totals {
  readonly claim: SliceClaim;
  /** When the last event came, by the server's clock. */
  readonly lastEventMs: number;
  /** When the pseudonyms were destroyed; `null` while they exist. */
  readonly sealedMs: number | null;
}

/**
 * How far the pseudonyms of one kind were read: a number of those that are kept in the order in which they came, or the
 * last one of those that are kept in their own order, which come after.
 */
export type PseudonymPosition = number | string;

export interface PseudonymPage {
  /** None: there are no more. */
  readonly pseudonyms: readonly string[];
  readonly next: PseudonymPosition;
}

export interface SliceStore {
  /** `undefined` for a shard that has counted nothing. */
  head(): SliceHead | undefined;

  /** What the pseudonyms are salted with, in hex; `undefined` before the first event and after sealing. */
  salt(): string | undefined;

  /** Those of `users` that have been counted. */
  countedUsers(users: readonly string[]): ReadonlySet<string>;

  /** Those of `ids` whose event has been counted. */
  countedIds(ids: readonly string[]): ReadonlySet<string>;

  /**
   * Adds users and ids that are not there yet and puts the head in the place of the former: all of it, or, when it
   * throws, nothing. The first commit brings the salt.
   */
  commit(users: readonly string[], ids: readonly string[], head: SliceHead, salt?: string): void;

  /** At most `limit` users after a position, 0 at the beginning. */
  users(after: PseudonymPosition, limit: number): PseudonymPage;

  /** The same of event ids. */
  ids(after: PseudonymPosition, limit: number): PseudonymPage;

  /** Destroys the salt, the users and the ids, beyond what deleting rows does, and puts `head` in place. All or nothing. */
  seal(head: SliceHead): void;
}
