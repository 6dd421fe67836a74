/** What every store of a slice's shard does, whatever it is made of. */
import { describe, expect, test } from "vitest";
import type { SliceHead } from "../../../src/core/analytics/slice-store.ts";
import { HEAD, SALT } from "./slice-bench.ts";
import type { OnSliceBench, SliceBench } from "./slice-bench.ts";

/** Any 128 bits may be a pseudonym. */
const [A, B, C] = ["0".repeat(32), "f".repeat(32), "00ff00ff00ff00ff00ff00ff00ff00fe"] as const;

export function describeSliceStore(where: string, onBench: OnSliceBench): void {
  const rule = (title: string, body: (bench: SliceBench) => void) => test(title, () => onBench(body));

  describe(`store of a slice's shard, ${where}`, () => {
    rule("[A16] holds nothing before the first commit, in every answer", (bench) => {
      const store = bench.fresh();
      expect(store.head()).toBeUndefined();
      expect(store.salt()).toBeUndefined();
      expect(store.countedUsers([A, B]).size).toBe(0);
      expect(store.countedIds([A, B]).size).toBe(0);
    });

    rule("[A16] keeps the head exactly, and every commit replaces it", (bench) => {
      const store = bench.fresh();
      store.commit([], [], HEAD, SALT);
      expect(bench.reopen().head()).toEqual(HEAD);
      const next: SliceHead = {
        claim: { start: -1_800_000, sliceMs: 366 * 86_400_000, shards: 256 },
        uniqueUsers: 0,
        clicks: Number.MAX_SAFE_INTEGER,
        impressions: 1e9,
        late: 7,
        lastEventMs: 8.64e15,
        sealedMs: null,
      };
      store.commit([], [], next);
      expect(store.head()).toEqual(next);
      expect(bench.reopen().head()).toEqual(next);
    });

    rule("[A16] keeps the salt of the first commit", (bench) => {
      const store = bench.fresh();
      store.commit([A], [], HEAD, SALT);
      store.commit([B], [], HEAD);
      expect(store.salt()).toBe(SALT);
      expect(bench.reopen().salt()).toBe(SALT);
    });

    rule("[A3] tells which users and ids are there, apart from each other", (bench) => {
      const store = bench.fresh();
      store.commit([A, B], [C], HEAD, SALT);
      store.commit([], [A], HEAD);
      for (const opened of [store, bench.reopen()]) {
        expect(opened.countedUsers([A, B, C, A])).toEqual(new Set([A, B]));
        expect(opened.countedIds([A, B, C])).toEqual(new Set([A, C]));
        expect(opened.countedUsers([]).size).toBe(0);
      }
    });

    rule("[A14] sealing leaves the head and nothing else, for good", (bench) => {
      const store = bench.fresh();
      store.commit([A, B], [C], HEAD, SALT);
      const sealed = { ...HEAD, sealedMs: 99 };
      store.seal(sealed);
      for (const opened of [store, bench.reopen()]) {
        expect(opened.head()).toEqual(sealed);
        expect(opened.salt()).toBeUndefined();
        expect(opened.countedUsers([A, B]).size).toBe(0);
        expect(opened.countedIds([C]).size).toBe(0);
      }
    });

    rule("[A15] a sealed store takes heads", (bench) => {
      const store = bench.fresh();
      store.commit([A], [], HEAD, SALT);
      store.seal({ ...HEAD, sealedMs: 99 });
      const late = { ...HEAD, sealedMs: 99, late: 1 };
      bench.reopen().commit([], [], late);
      expect(bench.reopen().head()).toEqual(late);
    });
  });
}
