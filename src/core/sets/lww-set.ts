/**
 * One LWW-Element-Set over a store: decides, persists, and answers questions about the state. Holds the head in
 * memory, nothing else, so it costs the same whatever the size of the set.
 *
 * Everything is synchronous: a call leaves the store either untouched or with the whole change.
 */
import { formatOffset, isNothing, NOTHING } from "../offset.ts";
import type { Offset } from "../offset.ts";
import { decide, isRefusal } from "./decide.ts";
import type { ProposedOp, Verdict } from "./decide.ts";
import { EMPTY_DIGEST, formatDigest, updateDigest } from "./digest.ts";
import type { Hash64 } from "./digest.ts";
import type { Entry } from "./lww.ts";
import type { MemberPage, SequencedEntry, SetHead, SetOptions, SetStore } from "./set-store.ts";

/** What a set created by its first write has. */
export const DEFAULT_SET_OPTIONS: SetOptions = { bias: "add", maxSkewMs: 300_000, tombstoneRetentionMs: null };

/** Bounds a page by what its elements weigh, in UTF-16 code units, so that no message outgrows the platform's. */
export const PAGE_UNITS_MAX = 1 << 20;

/** Tombstones taken away in one turn, so that a purge doesn't hold up the writes behind it. */
export const PURGE_BATCH_MAX = 10_000;

/** Whether a batch is accepted op by op, or as a whole. */
export type Acceptance = "each" | "all";

/** The proof of a state: whoever holds the same offset, size and digest holds the same set. */
export interface SetProof {
  readonly offset: string;
  readonly size: number;
  readonly digest: string;
}

export interface ChangesPage extends SetProof {
  readonly changes: readonly Entry[];
  /** Then `offset` is where to go on, while `size` and `digest` are the current state's. */
  readonly more: boolean;
}

export class LwwSet {
  readonly #store: SetStore;
  readonly #hash64: Hash64;
  #head: SetHead | undefined;

  constructor(store: SetStore, hash64: Hash64) {
    this.#store = store;
    this.#hash64 = hash64;
    this.#head = store.head();
  }

  /** `undefined` while the set was never written. */
  get options(): SetOptions | undefined {
    return this.#head?.options;
  }

  /** What an export tells of the set beside its entries; `undefined` while it was never written. */
  get head(): SetHead | undefined {
    return this.#head;
  }

  proof(): SetProof {
    const head = this.#head;
    if (head === undefined) return { offset: formatOffset(NOTHING), size: 0, digest: formatDigest(EMPTY_DIGEST) };
    return { offset: formatOffset(head), size: head.size, digest: formatDigest(head.digest) };
  }

  /** Creates the empty set. A set that exists keeps its options: with others the answer is `conflict`. */
  create(options: SetOptions, epoch: string): "created" | "exists" | "conflict" {
    if (this.#head !== undefined) return sameOptions(this.#head.options, options) ? "exists" : "conflict";
    this.#commit([], emptyHead(options, epoch));
    return "created";
  }

  /**
   * Applies a batch; the first op that changes anything also creates the set, as `newEpoch`.
   *
   * @param accept `each` op that can be accepted, or `all` of them or none: then a `future` or `expired` among the
   *   verdicts means that nothing was changed.
   */
  apply(
    ops: readonly ProposedOp[],
    nowMs: number,
    newEpoch: () => string,
    accept: Acceptance = "each",
  ): readonly Verdict[] {
    const head = this.#head ?? emptyHead(DEFAULT_SET_OPTIONS, newEpoch());
    const current = this.#store.read(ops.map((op) => op.element));
    const { verdicts, changed, head: next } = decide(head, current, ops, nowMs, this.#hash64);
    const refused = accept === "all" && verdicts.some(isRefusal);
    if (changed.length > 0 && !refused) this.#commit(changed, next);
    return verdicts;
  }

  /** Begins a set that was exported: empty, and as little inclined to take up what was purged as that one. */
  restore(options: SetOptions, purgedMs: number, epoch: string): void {
    this.#commit([], { ...emptyHead(options, epoch), purgedMs });
  }

  /** Takes entries of a set that was exported. They were accepted once, so no clock and no purge refuses them now. */
  merge(entries: readonly Entry[]): void {
    const head = this.#head;
    if (head === undefined) throw new Error("A set is restored before entries are merged into it.");
    const current = this.#store.read(entries.map((entry) => entry.element));
    const { changed, head: next } = decide({ ...head, purgedMs: -1 }, current, entries, Infinity, this.#hash64);
    if (changed.length > 0) this.#commit(changed, { ...next, purgedMs: head.purgedMs });
  }

  /** From now on the server's own stamps are greater than `stampMs`. */
  stampAfter(stampMs: number): void {
    const head = this.#head;
    if (head !== undefined && head.lastStampMs < stampMs) this.#commit([], { ...head, lastStampMs: stampMs });
  }

  /** The entry that decides about `element`, be it a member or a tombstone. */
  entry(element: string): Entry | undefined {
    return this.#store.read([element]).get(element);
  }

  /** Members greater than `after` in code point order; `""` starts the walk. */
  members(after: string, limit: number): MemberPage {
    return this.#store.members(after, limit);
  }

  /**
   * What a holder of the state at `since` lacks, at most one change for each element. `undefined`: the offset is gone
   * (another epoch, or older than a purge), and the only way on is from the beginning, which is `since` undefined.
   */
  changes(since: Offset | undefined, limit: number): ChangesPage | undefined {
    const head = this.#head;
    const fromStart = since === undefined || isNothing(since);
    if (head === undefined) return fromStart ? { ...this.proof(), changes: [], more: false } : undefined;
    if (!fromStart && !holds(head, since)) return undefined;

    const found = this.#store.changes(fromStart ? 0 : since.sequence, limit + 1);
    const page = found.slice(0, pageLength(found, limit));
    const last = page.at(-1);
    const more = page.length < found.length;
    const changes = page.map(({ element, op, timestamp }): Entry => ({ element, op, timestamp }));
    const offset = formatOffset(more && last !== undefined ? { epoch: head.epoch, sequence: last.sequence } : head);
    return { ...this.proof(), offset, changes, more };
  }

  /**
   * Changes that a client may lack that holds `held` records of changes, and counts them instead of offsets; at most
   * `limit` of them, in order. The sequence of the last is what to ask with for more.
   */
  changesAfterRecords(held: number, limit: number): readonly SequencedEntry[] {
    // A record is at most one change, so whoever holds N records has seen no further than sequence N. One who holds
    // more than there are changes counts something else, and gets everything.
    const after = held <= (this.#head?.sequence ?? 0) ? held : 0;
    return this.#store.changes(after, limit);
  }

  /** When the next tombstone is due to be purged, in milliseconds since the Unix epoch; `undefined`: none will be. */
  purgeDueMs(): number | undefined {
    const retentionMs = this.#head?.options.tombstoneRetentionMs ?? null;
    if (retentionMs === null) return undefined;
    const [oldest] = this.#store.tombstones(Infinity, 1);
    return oldest === undefined ? undefined : oldest.timestamp + retentionMs;
  }

  /**
   * Takes away tombstones that have been kept long enough, at most {@link PURGE_BATCH_MAX}, and with them every
   * offset so far: the digest no longer counts them, so no earlier state can be proven to equal the current one. That
   * takes a new epoch. A mark in the sequence would not do, since the entries that stay keep their earlier sequences,
   * and whoever pages through them from the beginning gets those as offsets.
   */
  purge(nowMs: number, newEpoch: () => string): number {
    const head = this.#head;
    const retentionMs = head?.options.tombstoneRetentionMs ?? null;
    if (head === undefined || retentionMs === null) return 0;

    const purged = this.#store.tombstones(nowMs - retentionMs, PURGE_BATCH_MAX);
    if (purged.length === 0) return 0;
    let { digest, purgedMs } = head;
    for (const tombstone of purged) {
      digest = updateDigest(digest, tombstone, undefined, this.#hash64);
      purgedMs = Math.max(purgedMs, tombstone.timestamp);
    }
    const elements = purged.map((tombstone) => tombstone.element);
    this.#commit([], { ...head, epoch: newEpoch(), digest, purgedMs }, elements);
    return purged.length;
  }

  #commit(entries: readonly SequencedEntry[], head: SetHead, purged?: readonly string[]): void {
    this.#store.commit(entries, head, purged);
    this.#head = head;
  }
}

function emptyHead(options: SetOptions, epoch: string): SetHead {
  return {
    options,
    epoch,
    sequence: 0,
    size: 0,
    digest: EMPTY_DIGEST,
    lastStampMs: 0,
    purgedMs: -1,
  };
}

/** Whether the changes after `since` are still known: it is of this epoch, and not ahead of it. */
function holds(head: SetHead, since: Offset): boolean {
  return since.epoch === head.epoch && since.sequence <= head.sequence;
}

function pageLength(found: readonly SequencedEntry[], limit: number): number {
  let units = 0;
  let length = 0;
  for (const entry of found) {
    units += entry.element.length;
    if (length === limit || (length > 0 && units > PAGE_UNITS_MAX)) break;
    length += 1;
  }
  return length;
}

function sameOptions(a: SetOptions, b: SetOptions): boolean {
  return a.bias === b.bias && a.maxSkewMs === b.maxSkewMs && a.tombstoneRetentionMs === b.tombstoneRetentionMs;
}
