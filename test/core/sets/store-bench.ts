/** Where the suites of sets get their stores from, and what they see of a set. */
import { EMPTY_DIGEST, entryHash, formatDigest } from "../../../src/core/sets/digest.ts";
import { LwwSet } from "../../../src/core/sets/lww-set.ts";
import type { SetProof } from "../../../src/core/sets/lww-set.ts";
import { supersedes } from "../../../src/core/sets/lww.ts";
import type { Bias, Entry } from "../../../src/core/sets/lww.ts";
import type { SetOptions, SetStore } from "../../../src/core/sets/set-store.ts";
import { parseOffset } from "../../../src/core/offset.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";

export interface StoreBench {
  /** A store over an empty database. Stores made before it are void. */
  fresh(): SetStore;
  /** Another store over the same database, as after a restart. */
  reopen(): SetStore;
}

/** Runs a body where the stores live, be it in this process or in an object of the Workers runtime. */
export type OnBench = (body: (bench: StoreBench) => void) => void | Promise<void>;

/** Epochs in the order of their making, so that a failing run can be repeated. */
export function epochs(): () => string {
  let made = 0;
  return () => `e${++made}`;
}

/** Accepts all timestamps that the suites use. */
export const LENIENT: SetOptions = { bias: "add", maxSkewMs: 8.64e15, tombstoneRetentionMs: null };

export function freshSet(bench: StoreBench, options: Partial<SetOptions> = {}, epoch = "e0"): LwwSet {
  const set = new LwwSet(bench.fresh(), sha256Hash64);
  set.create({ ...LENIENT, ...options }, epoch);
  return set;
}

export function reopenSet(bench: StoreBench): LwwSet {
  return new LwwSet(bench.reopen(), sha256Hash64);
}

/** All entries, tombstones included, in the order of their sequences. */
export function entriesOf(set: LwwSet): readonly Entry[] {
  return set.changes(undefined, 1_000_000)?.changes ?? [];
}

export function membersOf(set: LwwSet): readonly string[] {
  return set.members("", 1_000_000).elements;
}

/** All that a replica could compare, in an order of its own. */
export function stateOf(set: LwwSet) {
  const { size, digest } = set.proof();
  return { size, digest, members: membersOf(set), entries: byElement(entriesOf(set)) };
}

/** The digest computed anew from all entries. */
export function digestOf(entries: Iterable<Entry>): string {
  let digest = EMPTY_DIGEST;
  for (const entry of entries) digest = BigInt.asUintN(64, digest + entryHash(entry, sha256Hash64));
  return formatDigest(digest);
}

/** What the words of the design say, with none of its algorithm: the greatest operation of each element. */
export function greatest(ops: readonly Entry[], bias: Bias): readonly Entry[] {
  const rank = (entry: Entry) => entry.timestamp * 2 + (entry.op === bias ? 1 : 0);
  const elements = [...new Set(ops.map((op) => op.element))];
  const winners = elements.map((element) =>
    ops.filter((op) => op.element === element).reduce((best, op) => (rank(op) > rank(best) ? op : best)),
  );
  return byElement(winners);
}

function byElement(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((a, b) => (a.element < b.element ? -1 : 1));
}

/** A viewer that follows a set page by page, as a client does, and checks each proof it gets. */
export class Viewer {
  readonly #bias: Bias;
  readonly entries = new Map<string, Entry>();
  offset: string | undefined;
  /** Since it last had everything. */
  changesSeen = 0;

  constructor(bias: Bias) {
    this.#bias = bias;
  }

  /** Whether there is more to read. A viewer whose offset is gone starts again from the beginning. */
  readPage(set: LwwSet, limit: number): boolean {
    const since = this.offset === undefined ? undefined : parseOffset(this.offset);
    const page = set.changes(since, limit);
    if (page === undefined) {
      this.entries.clear();
      this.offset = undefined;
      return true;
    }
    if (page.changes.length > limit) throw new Error(`${page.changes.length} changes in a page of ${limit}`);
    for (const change of page.changes) {
      if (supersedes(change, this.entries.get(change.element), this.#bias)) this.entries.set(change.element, change);
    }
    this.offset = page.offset;
    this.changesSeen += page.changes.length;
    if (page.more) return true;
    this.#check(page, set.proof());
    this.changesSeen = 0;
    return false;
  }

  readAll(set: LwwSet, limit: number): void {
    for (let pages = 0; this.readPage(set, limit); pages++) if (pages > 10_000) throw new Error("Paging has no end.");
  }

  copy(): Viewer {
    const copy = new Viewer(this.#bias);
    for (const [element, entry] of this.entries) copy.entries.set(element, entry);
    copy.offset = this.offset;
    return copy;
  }

  #check(page: SetProof, current: SetProof): void {
    const entries = [...this.entries.values()];
    const own = {
      offset: page.offset,
      size: entries.filter((entry) => entry.op === "add").length,
      digest: digestOf(entries),
    };
    const told = { offset: current.offset, size: page.size, digest: page.digest };
    if (JSON.stringify(own) !== JSON.stringify(told)) {
      throw new Error(`The viewer holds ${JSON.stringify(own)} but was told ${JSON.stringify(told)}.`);
    }
  }
}
