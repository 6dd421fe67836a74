/** What every store of a set does, whatever it is made of. */
import { describe, expect, test } from "vitest";
import { compareCodePoints } from "../../../src/core/text.ts";
import type { SequencedEntry, SetHead } from "../../../src/core/sets/set-store.ts";
import type { OnBench, StoreBench } from "./store-bench.ts";

const HEAD: SetHead = {
  options: { bias: "remove", maxSkewMs: 7, tombstoneRetentionMs: 8 },
  epoch: "abc",
  sequence: 9,
  size: 10,
  digest: 0xfedcba9876543210n,
  lastStampMs: 8.64e15,
  purgedMs: -1,
};

/** Each of these is a different element, and hard on someone who normalises, trims, or counts in UTF-16. */
export const DELICATE_ELEMENTS: readonly string[] = [
  "\u00e9",
  "e\u0301",
  "\ufeff",
  "a",
  "\ufeffa",
  "A",
  " a",
  "a ",
  "\u05d0\u05d1",
  "\u202eabc",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u{1f468}",
  "\u2028",
  "\u2029",
  "\ufffd",
  "\uffff",
  "\ue000",
  "\u{10000}",
  "\u{10ffff}",
  "\u00df",
  "ss",
  "\u0001",
  "\t\r\n",
  '"\\',
  "'; DROP TABLE entries; --",
  "null",
  "1",
  "1.0",
  "__proto__",
  "%00",
  "\u1e9b\u0323",
];

export function describeSetStore(where: string, onBench: OnBench): void {
  const rule = (title: string, body: (bench: StoreBench) => void) => test(title, () => onBench(body));

  describe(`store of a set, ${where}`, () => {
    rule("[S11] holds nothing before the first commit, in every answer", (bench) => {
      const store = bench.fresh();
      expect(store.head()).toBeUndefined();
      expect(store.read(["a"]).size).toBe(0);
      expect(store.changes(0, 10)).toEqual([]);
      expect(store.members("", 10)).toEqual({ elements: [], next: null });
      expect(store.tombstones(Infinity, 10)).toEqual([]);
    });

    rule("[S12] [S13] keeps the head exactly, and every commit replaces it", (bench) => {
      const store = bench.fresh();
      store.commit([], HEAD);
      expect(bench.reopen().head()).toEqual(HEAD);
      const next: SetHead = {
        options: { bias: "add", maxSkewMs: 0, tombstoneRetentionMs: null },
        epoch: "d",
        sequence: Number.MAX_SAFE_INTEGER,
        size: 0,
        digest: 0n,
        lastStampMs: 0,
        purgedMs: 8.64e15,
      };
      store.commit([], next);
      expect(store.head()).toEqual(next);
      expect(bench.reopen().head()).toEqual(next);
      const greatest: SetHead = { ...next, digest: 0xffff_ffff_ffff_ffffn };
      store.commit([], greatest);
      expect(bench.reopen().head()).toEqual(greatest);
    });

    rule("[S13] a store opened again sees everything, and goes on", (bench) => {
      const first = bench.fresh();
      first.commit([added("a", 1), removed("b", 2)], HEAD);
      const second = bench.reopen();
      expect(second.changes(0, 10)).toEqual([added("a", 1), removed("b", 2)]);
      second.commit([removed("a", 3)], { ...HEAD, sequence: 10 });
      const third = bench.reopen();
      expect(third.changes(0, 10)).toEqual([removed("b", 2), removed("a", 3)]);
      expect(third.head()?.sequence).toBe(10);
    });

    rule("[S5] reads the entries of those elements that have one, once however often asked", (bench) => {
      const store = bench.fresh();
      store.commit([added("a", 1), removed("b", 2), added("c", 3)], HEAD);
      expect(store.read(["b", "x", "a", "b"])).toEqual(
        new Map([
          ["a", { element: "a", op: "add", timestamp: 1 }],
          ["b", { element: "b", op: "remove", timestamp: 2 }],
        ]),
      );
      expect(store.read([]).size).toBe(0);
    });

    rule("[S15] [S17] an element has one entry, at the sequence of its last change", (bench) => {
      const store = bench.fresh();
      store.commit([added("a", 1), added("b", 2)], HEAD);
      store.commit([removed("a", 3)], HEAD);
      expect(store.changes(0, 10)).toEqual([added("b", 2), removed("a", 3)]);
    });

    rule("[S18] gives changes after a sequence, in order, at most as many as asked", (bench) => {
      const store = bench.fresh();
      store.commit([added("d", 4), added("c", 3), added("b", 20), added("a", 100)], HEAD);
      const sequences = (after: number, limit: number) => store.changes(after, limit).map((entry) => entry.sequence);
      expect(sequences(0, 10)).toEqual([3, 4, 20, 100]);
      expect(sequences(3, 10)).toEqual([4, 20, 100]);
      expect(sequences(3, 2)).toEqual([4, 20]);
      expect(sequences(19, 1)).toEqual([20]);
      expect(sequences(100, 1)).toEqual([]);
    });

    rule("[C4] [S22] gives members by code point, not by UTF-16 unit", (bench) => {
      const store = bench.fresh();
      const names = ["\u{10000}", "\ue000", "\uffff", "z", "\u{10ffff}", "\ud7ff", "z\u{10000}", "z\uffff"];
      store.commit(
        names.map((name, index) => added(name, index + 1)),
        HEAD,
      );
      const ordered = ["z", "z\uffff", "z\u{10000}", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"];
      expect(store.members("", 100)).toEqual({ elements: ordered, next: null });
      expect(walk(store, 1)).toEqual(ordered);
      expect(store.members("\uffff", 100).elements).toEqual(["\u{10000}", "\u{10ffff}"]);
      expect(store.members("\u{10000}", 100).elements).toEqual(["\u{10ffff}"]);
    });

    rule("[S22] pages of members end where they should", (bench) => {
      const store = bench.fresh();
      store.commit([added("a", 1), removed("b", 2), added("c", 3), added("d", 4)], HEAD);
      for (const limit of [1, 2, 3, 4, 100]) {
        expect(walk(store, limit)).toEqual(["a", "c", "d"]);
        for (const after of ["", "a", "b", "c", "d"]) {
          expect(store.members(after, limit).elements.length).toBeLessThanOrEqual(limit);
        }
      }
      expect(store.members("", 3)).toEqual({ elements: ["a", "c", "d"], next: null });
      expect(store.members("d", 3)).toEqual({ elements: [], next: null });
      expect(store.members("aa", 1).elements).toEqual(["c"]);
    });

    rule("[S25] gives tombstones up to a timestamp, the oldest first, ties by code point", (bench) => {
      const store = bench.fresh();
      store.commit(
        [
          { ...removed("\u{10000}", 1), timestamp: 5 },
          { ...removed("\uffff", 2), timestamp: 5 },
          { ...removed("b", 3), timestamp: 5 },
          { ...removed("c", 4), timestamp: 4 },
          { ...removed("d", 5), timestamp: 6 },
          { ...added("a", 6), timestamp: 1 },
        ],
        HEAD,
      );
      const names = (throughMs: number, limit: number) => store.tombstones(throughMs, limit).map((one) => one.element);
      expect(names(Infinity, 10)).toEqual(["c", "b", "\uffff", "\u{10000}", "d"]);
      expect(names(5, 10)).toEqual(["c", "b", "\uffff", "\u{10000}"]);
      expect(names(5, 3)).toEqual(["c", "b", "\uffff"]);
      expect(names(3, 10)).toEqual([]);
      expect(names(-1, 10)).toEqual([]);
      expect(store.tombstones(4, 1)).toEqual([{ element: "c", op: "remove", timestamp: 4 }]);
    });

    rule("[S25] takes away what is purged and nothing else", (bench) => {
      const store = bench.fresh();
      store.commit([added("a", 1), removed("b", 2), removed("c", 3)], HEAD);
      store.commit([], { ...HEAD, purgedMs: 2 }, ["b"]);
      expect(bench.reopen().changes(0, 10)).toEqual([added("a", 1), removed("c", 3)]);
      expect(store.read(["b"]).size).toBe(0);
      expect(store.head()?.purgedMs).toBe(2);
      expect(store.tombstones(Infinity, 10).map((one) => one.element)).toEqual(["c"]);
    });

    rule("[C5] [S29] keeps every element byte for byte", (bench) => {
      const longest = "\u{1f9ff}".repeat(256);
      const names = [...DELICATE_ELEMENTS, longest];
      const store = bench.fresh();
      store.commit(
        names.map((name, index) => added(name, index + 1)),
        HEAD,
      );
      const again = bench.reopen();
      expect(again.changes(0, 1_000).map((entry) => entry.element)).toEqual(names);
      expect(again.members("", 1_000).elements).toEqual(names.toSorted(compareCodePoints));
      for (const name of names) expect([...again.read([name]).keys()]).toEqual([name]);
      again.commit([], HEAD, names);
      expect(again.changes(0, 1_000)).toEqual([]);
    });

    rule("[S29] keeps timestamps and sequences exactly", (bench) => {
      const store = bench.fresh();
      const timestamps = [0, 1, 2 ** 31, 2 ** 32 + 1, 2 ** 52 + 1, 8.64e15 - 1, 8.64e15];
      const entries = timestamps.map((timestamp, index) => ({
        ...added(`at ${timestamp}`, Number.MAX_SAFE_INTEGER - timestamps.length + index),
        timestamp,
      }));
      store.commit(entries, HEAD);
      expect(bench.reopen().changes(0, 10)).toEqual(entries);
      expect(store.changes(Number.MAX_SAFE_INTEGER - 2, 10)).toEqual(entries.slice(-1));
    });
  });
}

function added(element: string, sequence: number): SequencedEntry {
  return { element, op: "add", timestamp: sequence, sequence };
}

function removed(element: string, sequence: number): SequencedEntry {
  return { element, op: "remove", timestamp: sequence, sequence };
}

/** All members, by pages. */
export function walk(store: ReturnType<StoreBench["fresh"]>, limit: number): readonly string[] {
  const walked: string[] = [];
  for (let after: string | null = ""; after !== null;) {
    const page: { elements: readonly string[]; next: string | null } = store.members(after, limit);
    walked.push(...page.elements);
    after = page.next;
  }
  return walked;
}
