/** One set: verdicts, life, pages and purges at their edges. The laws that hold for any input are in set-laws.ts. */
import { describe, expect, test } from "vitest";
import { formatOffset, NOTHING, parseOffset } from "../../../src/core/offset.ts";
import { DEFAULT_SET_OPTIONS, LwwSet, PAGE_UNITS_MAX, PURGE_BATCH_MAX } from "../../../src/core/sets/lww-set.ts";
import { MemorySetStore } from "../../../src/core/sets/memory-set-store.ts";
import type { ProposedOp } from "../../../src/core/sets/decide.ts";
import type { SetOptions } from "../../../src/core/sets/set-store.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import { digestOf, entriesOf, epochs, LENIENT, membersOf, stateOf, Viewer } from "./store-bench.ts";

const NOW_MS = 1_000_000;

function unwritten(): LwwSet {
  return new LwwSet(new MemorySetStore(), sha256Hash64);
}

function created(options: Partial<SetOptions> = {}): LwwSet {
  const set = unwritten();
  set.create({ ...LENIENT, ...options }, "e");
  return set;
}

function add(element: string, timestamp?: number): ProposedOp {
  return { op: "add", element, timestamp };
}

function remove(element: string, timestamp?: number): ProposedOp {
  return { op: "remove", element, timestamp };
}

function many(count: number, op: (element: string, index: number) => ProposedOp): readonly ProposedOp[] {
  return Array.from({ length: count }, (_, index) => op(`x${String(index).padStart(6, "0")}`, index));
}

describe("verdicts", () => {
  test("[S4] [S5] are given one by one within a batch", () => {
    const ops = [add("a", 2), add("a", 2), remove("a", 2), remove("a", 3), add("a", 1), add("b", 1), remove("a", 3)];
    const verdicts = created().apply(ops, NOW_MS, epochs());
    const s = "superseded";
    expect(verdicts).toEqual(["applied", s, s, "applied", s, "applied", s]);
  });

  test("[S6] future begins one past the skew, changes nothing, and may be accepted later", () => {
    const set = created({ maxSkewMs: 10 });
    expect(set.apply([add("a", NOW_MS + 10), add("b", NOW_MS + 11)], NOW_MS, epochs())).toEqual(["applied", "future"]);
    expect(membersOf(set)).toEqual(["a"]);
    expect(set.apply([add("b", NOW_MS + 11)], NOW_MS + 1, epochs())).toEqual(["applied"]);
  });

  test("[S6] by default the skew is five minutes", () => {
    const set = unwritten();
    const ops = [add("a", NOW_MS + 300_000), add("b", NOW_MS + 300_001)];
    expect(set.apply(ops, NOW_MS, epochs())).toEqual(["applied", "future"]);
  });

  test("[S7] stamps are the clock, then later by one", () => {
    const set = created();
    set.apply([add("a"), add("b"), remove("a")], NOW_MS, epochs());
    expect([set.entry("a"), set.entry("b")].map((entry) => entry?.timestamp)).toEqual([NOW_MS + 2, NOW_MS + 1]);
    set.apply([add("c")], NOW_MS - 500, epochs());
    expect(set.entry("c")?.timestamp).toBe(NOW_MS + 3);
    set.apply([add("d")], NOW_MS + 100, epochs());
    expect(set.entry("d")?.timestamp).toBe(NOW_MS + 100);
  });

  test("[S7] a stamp that took no effect leaves none", () => {
    const set = created();
    set.apply([add("a", NOW_MS + 1)], NOW_MS, epochs());
    expect(set.apply([add("a"), add("b")], NOW_MS, epochs())).toEqual(["superseded", "applied"]);
    expect(set.entry("b")?.timestamp).toBe(NOW_MS);
  });

  test("[S31] a whole batch is refused for one operation that can't be accepted", () => {
    const set = created({ maxSkewMs: 10 });
    const before = stateOf(set);
    const ops = [add("a", NOW_MS), add("b", NOW_MS + 11)];
    expect(set.apply(ops, NOW_MS, epochs(), "all")).toEqual(["applied", "future"]);
    expect(stateOf(set)).toEqual(before);
    expect(set.apply(ops.slice(0, 1), NOW_MS, epochs(), "all")).toEqual(["applied"]);
    expect(set.entry("a")).toMatchObject({ op: "add", timestamp: NOW_MS });
  });

  test("[S7] the server's own stamp is neither future nor expired, whatever its clock says", () => {
    const set = created({ maxSkewMs: 0, tombstoneRetentionMs: 0 });
    set.apply([remove("a", NOW_MS)], NOW_MS, epochs());
    expect(set.purge(NOW_MS, epochs())).toBe(1);
    expect(set.apply([add("a")], NOW_MS, epochs())).toEqual(["applied"]);
    expect(set.apply([add("b")], 0, epochs())).toEqual(["applied"]);
    expect([set.entry("a"), set.entry("b")].map((entry) => entry?.timestamp)).toEqual([NOW_MS + 1, NOW_MS + 2]);
  });
});

describe("life", () => {
  test("[S11] reading and operations without effect create nothing", () => {
    const set = unwritten();
    const nothing = { offset: "0:0", size: 0, digest: "0000000000000000" };
    expect(set.apply([], NOW_MS, epochs())).toEqual([]);
    expect(set.apply([add("a", 8.64e15)], NOW_MS, epochs())).toEqual(["future"]);
    expect(set.entry("a")).toBeUndefined();
    expect(set.members("", 10)).toEqual({ elements: [], next: null });
    expect(set.changes(undefined, 10)).toEqual({ ...nothing, changes: [], more: false });
    expect(set.purgeDueMs()).toBeUndefined();
    expect(set.purge(NOW_MS, epochs())).toBe(0);
    expect(set.proof()).toEqual(nothing);
    expect(set.options).toBeUndefined();
  });

  test("[S11] the first operation that takes effect creates it with the default options", () => {
    const set = unwritten();
    set.apply([add("a", 8.64e15), add("b", 1)], NOW_MS, () => "first");
    expect(set.options).toEqual(DEFAULT_SET_OPTIONS);
    expect(set.proof()).toMatchObject({ offset: "first:1", size: 1 });
  });

  test("[S11] an empty set that was created is there", () => {
    const set = unwritten();
    expect(set.create(LENIENT, "e")).toBe("created");
    expect(set.proof().offset).toBe("e:0");
    expect(set.options).toEqual(LENIENT);
  });

  test("[S12] options are fixed, also those of a set that its first operation created", () => {
    const set = unwritten();
    set.apply([add("a", 1)], NOW_MS, epochs());
    const before = { ...set.proof(), ...stateOf(set) };
    expect(set.create(DEFAULT_SET_OPTIONS, "other")).toBe("exists");
    expect(set.create({ ...DEFAULT_SET_OPTIONS, bias: "remove" }, "other")).toBe("conflict");
    expect(set.create({ ...DEFAULT_SET_OPTIONS, maxSkewMs: 0 }, "other")).toBe("conflict");
    expect(set.create({ ...DEFAULT_SET_OPTIONS, tombstoneRetentionMs: 0 }, "other")).toBe("conflict");
    expect(set.options).toEqual(DEFAULT_SET_OPTIONS);
    expect({ ...set.proof(), ...stateOf(set) }).toEqual(before);
  });

  test("[S14] [S20] erased, and written again, it gives no changes since its former offsets", () => {
    const former = unwritten();
    former.apply([add("a", 1), add("b", 1)], NOW_MS, () => "former");
    const held = parseOffset(former.proof().offset);
    const set = unwritten();
    expect(set.changes(held, 10)).toBeUndefined();
    set.apply([add("c", 1), add("d", 1)], NOW_MS, () => "latter");
    expect(set.changes(held, 10)).toBeUndefined();
    expect(set.changes({ epoch: "former", sequence: 0 }, 10)).toBeUndefined();
    expect(set.changes(NOTHING, 10)?.changes).toHaveLength(2);
  });

  test("[S28] a store that fails leaves the set as it was", () => {
    const store = new (class extends MemorySetStore {
      failing = false;
      override commit(...args: Parameters<MemorySetStore["commit"]>): void {
        if (this.failing) throw new Error("The disk is full.");
        super.commit(...args);
      }
    })();
    const set = new LwwSet(store, sha256Hash64);
    set.create({ ...LENIENT, tombstoneRetentionMs: 0 }, "e");
    set.apply([add("a", 1), remove("b", 1)], NOW_MS, epochs());
    const before = { ...set.proof(), ...stateOf(set) };
    store.failing = true;
    expect(() => set.apply([add("c")], NOW_MS, epochs())).toThrow("The disk is full.");
    expect(() => set.purge(NOW_MS, epochs())).toThrow("The disk is full.");
    expect({ ...set.proof(), ...stateOf(set) }).toEqual(before);
    store.failing = false;
    expect(set.apply([add("c")], NOW_MS, epochs())).toEqual(["applied"]);
    expect(set.entry("c")?.timestamp).toBe(NOW_MS);
  });
});

describe("changes", () => {
  test("[S17] 1,000 elements changed 100 times each are 1,000 changes", () => {
    const set = created();
    for (let round = 1; round <= 100; round++)
      set.apply(
        many(1_000, (element) => add(element, round)),
        0,
        epochs(),
      );
    expect(set.proof().offset).toBe("e:100000");
    expect(set.changes(NOTHING, 10_000)?.changes).toHaveLength(1_000);
    expect(set.changes({ epoch: "e", sequence: 99_500 }, 10_000)?.changes).toHaveLength(500);
  });

  test("[S18] a page that is exactly full is the last", () => {
    const set = created();
    set.apply([add("a", 1), add("b", 1), remove("c", 1)], NOW_MS, epochs());
    const all = { size: 2, digest: digestOf(entriesOf(set)) };
    expect(set.changes(undefined, 3)).toMatchObject({ ...all, offset: "e:3", more: false });
    expect(set.changes(undefined, 2)).toMatchObject({ ...all, offset: "e:2", more: true });
    expect(set.changes({ epoch: "e", sequence: 2 }, 2)).toMatchObject({ ...all, offset: "e:3", more: false });
    expect(set.changes({ epoch: "e", sequence: 3 }, 2)).toMatchObject({ ...all, offset: "e:3", changes: [] });
  });

  test("[S18] [S13] changes carry what a client sees, and no more", () => {
    const set = created();
    set.apply([add("a", 1)], NOW_MS, epochs());
    expect(set.changes(undefined, 1)?.changes).toEqual([{ element: "a", op: "add", timestamp: 1 }]);
    expect(Object.keys(set.entry("a") ?? {}).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "element",
      "op",
      "timestamp",
    ]);
  });

  test("[S19] elements of a page weigh 2^20 units at most", () => {
    const set = created();
    const long = "x".repeat(1_020);
    const count = Math.floor(PAGE_UNITS_MAX / 1_024);
    expect(count * 1_024).toBe(PAGE_UNITS_MAX);
    set.apply(
      many(count + 1, (_, index) => add(long + String(index).padStart(4, "0"), 1)),
      NOW_MS,
      epochs(),
    );
    const page = set.changes(undefined, 10_000);
    expect(page).toMatchObject({ more: true, offset: `e:${count}` });
    expect(page?.changes).toHaveLength(count);
    expect(set.changes({ epoch: "e", sequence: count }, 10_000)).toMatchObject({
      more: false,
      offset: `e:${count + 1}`,
    });
  });

  test("[S19] an element heavier than a page is a page of its own", () => {
    const set = created();
    const heavy = "x".repeat(PAGE_UNITS_MAX + 1);
    set.apply([add("a", 1), add(heavy, 1), add("b", 1)], NOW_MS, epochs());
    const viewer = new Viewer("add");
    expect([viewer.readPage(set, 10), viewer.readPage(set, 10), viewer.readPage(set, 10)]).toEqual([true, true, false]);
  });

  test("[S20] an offset is gone when it is ahead, or of another epoch", () => {
    const set = created();
    set.apply([add("a", 1)], NOW_MS, epochs());
    expect(set.changes({ epoch: "e", sequence: 2 }, 10)).toBeUndefined();
    expect(set.changes({ epoch: "f", sequence: 1 }, 10)).toBeUndefined();
    expect(set.changes({ epoch: "f", sequence: 0 }, 10)).toBeUndefined();
    expect(set.changes({ epoch: "0", sequence: 1 }, 10)).toBeUndefined();
    expect(set.changes({ epoch: "e", sequence: 1 }, 10)?.changes).toEqual([]);
    expect(set.changes({ epoch: "e", sequence: 0 }, 10)?.changes).toHaveLength(1);
    expect(set.changes(NOTHING, 10)?.changes).toHaveLength(1);
    expect(unwritten().changes({ epoch: "e", sequence: 0 }, 10)).toBeUndefined();
    expect(unwritten().changes(NOTHING, 10)?.changes).toEqual([]);
  });

  test("[S21] who holds more records than there are changes gets everything", () => {
    const set = created();
    set.apply([add("a", 1), add("b", 1)], NOW_MS, epochs());
    expect(set.changesAfterRecords(1, 10)).toHaveLength(1);
    expect(set.changesAfterRecords(2, 10)).toHaveLength(0);
    expect(set.changesAfterRecords(3, 10)).toHaveLength(2);
    expect(unwritten().changesAfterRecords(3, 10)).toEqual([]);
  });
});

describe("purge", () => {
  test("[S24] is due a retention after the oldest tombstone", () => {
    expect(created().purgeDueMs()).toBeUndefined();
    const kept = created();
    kept.apply([remove("a", 1)], NOW_MS, epochs());
    expect(kept.purgeDueMs()).toBeUndefined();
    expect(kept.purge(8.64e15, epochs())).toBe(0);

    const set = created({ tombstoneRetentionMs: 100 });
    set.apply([add("a", 1)], NOW_MS, epochs());
    expect(set.purgeDueMs()).toBeUndefined();
    set.apply([remove("b", 70), remove("c", 50)], NOW_MS, epochs());
    expect(set.purgeDueMs()).toBe(150);
    expect(set.purge(149, epochs())).toBe(0);
    expect(set.purge(150, epochs())).toBe(1);
    expect(set.purgeDueMs()).toBe(170);
  });

  test("[S25] takes 10,000 at once, the oldest, and among equals by code point", () => {
    const set = created({ tombstoneRetentionMs: 0 });
    set.apply(
      many(PURGE_BATCH_MAX, (element) => remove(element, 7)),
      NOW_MS,
      epochs(),
    );
    set.apply([remove("y", 7), remove("w", 7), add("member", 1)], NOW_MS, epochs());
    expect(set.purge(NOW_MS, epochs())).toBe(PURGE_BATCH_MAX);
    const left = entriesOf(set).map((entry) => entry.element);
    expect(left).toEqual(["x009999", "y", "member"]);
    expect(set.proof()).toMatchObject({ size: 1, digest: digestOf(entriesOf(set)) });
    // What was as old as the last that went is expired, though it is still held; and goes with the next purge.
    expect(set.apply([add("y", 7), add("y", 8)], NOW_MS, epochs())).toEqual(["expired", "applied"]);
    expect(set.purge(NOW_MS, epochs())).toBe(1);
    expect(membersOf(set)).toEqual(["member", "y"]);
  });

  test("[S26] an operation not newer than what was purged is expired, on any element", () => {
    const set = created({ tombstoneRetentionMs: 0 });
    set.apply([remove("a", 5), add("b", 3)], NOW_MS, epochs());
    set.purge(NOW_MS, epochs());
    const ops = [add("a", 4), add("a", 5), remove("b", 4), add("c", 0), add("b", 3), add("a", 6)];
    const x = "expired";
    const before = membersOf(set);
    expect(set.apply(ops.slice(0, 5), NOW_MS, epochs())).toEqual([x, x, x, x, x]);
    expect(membersOf(set)).toEqual(before);
    expect(set.apply(ops.slice(5), NOW_MS, epochs())).toEqual(["applied"]);
    expect(membersOf(set)).toEqual(["a", "b"]);
  });

  test("[S27] earlier offsets are gone, and a set of many pages can still be read from the beginning", () => {
    const set = created({ tombstoneRetentionMs: 0 });
    set.apply([add("a", 1), add("b", 1), add("c", 1), remove("d", 1)], NOW_MS, epochs());
    const before = parseOffset(set.proof().offset);
    expect(set.purge(NOW_MS, () => "after")).toBe(1);
    expect(set.changes(before, 10)).toBeUndefined();
    expect(set.changes({ epoch: "e", sequence: 0 }, 10)).toBeUndefined();
    const first = set.changes(undefined, 1);
    expect(first).toMatchObject({ offset: "after:1", more: true });
    expect(set.changes(parseOffset(first!.offset), 10)).toMatchObject({ ...set.proof(), more: false });
    const viewer = new Viewer("add");
    viewer.readAll(set, 1);
    expect(viewer.offset).toBe(formatOffset({ epoch: "after", sequence: 4 }));
  });

  test("[S27] a purge that finds nothing leaves offsets alone", () => {
    const set = created({ tombstoneRetentionMs: 0 });
    set.apply([add("a", 1)], NOW_MS, epochs());
    const before = set.proof();
    expect(set.purge(NOW_MS, () => "after")).toBe(0);
    expect(set.proof()).toEqual(before);
  });
});
