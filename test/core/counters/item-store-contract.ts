/** What every store of a tenant's items does, whatever it is made of. */
import { describe, expect, test } from "vitest";
import type { ItemStore } from "../../../src/core/counters/item-store.ts";
import { DELICATE_ELEMENTS } from "../sets/set-store-contract.ts";

export interface ItemBench {
  /** A store over an empty database. Stores made before it are void. */
  fresh(): ItemStore;
  /** Another store over the same database, as after a restart. */
  reopen(): ItemStore;
}

/** Runs a body where the stores live, be it in this process or in an object of the Workers runtime. */
export type OnItemBench = (body: (bench: ItemBench) => void) => void | Promise<void>;

export function describeItemStore(where: string, onBench: OnItemBench): void {
  const rule = (title: string, body: (bench: ItemBench) => void) => test(title, () => onBench(body));

  describe(`store of items, ${where}`, () => {
    rule("[N6] holds nothing before the first commit, in every answer", (bench) => {
      const store = bench.fresh();
      expect(store.head()).toBeUndefined();
      expect(store.counted(["a"])).toEqual(new Map());
      expect(store.counted([])).toEqual(new Map());
    });

    rule("[N7] keeps the head exactly, and every commit replaces it", (bench) => {
      const store = bench.fresh();
      store.commit(["a"], 1, { epoch: "abc", count: 1 });
      expect(store.head()).toEqual({ epoch: "abc", count: 1 });
      expect(bench.reopen().head()).toEqual({ epoch: "abc", count: 1 });
      store.commit(["b"], 1, { epoch: "d", count: Number.MAX_SAFE_INTEGER });
      expect(bench.reopen().head()).toEqual({ epoch: "d", count: Number.MAX_SAFE_INTEGER });
    });

    rule("[N7] a store opened again sees everything, and goes on", (bench) => {
      bench.fresh().commit(["a", "b"], 5, { epoch: "e", count: 2 });
      const second = bench.reopen();
      expect(second.counted(["b", "c", "a"])).toEqual(
        new Map([
          ["a", 5],
          ["b", 5],
        ]),
      );
      second.commit(["c"], 7, { epoch: "e", count: 3 });
      const third = bench.reopen();
      expect(third.counted(["c"])).toEqual(new Map([["c", 7]]));
      expect(third.head()?.count).toBe(3);
    });

    rule("[N3] tells when each id was counted, once however often asked, and nothing of others", (bench) => {
      const store = bench.fresh();
      store.commit(["a"], 0, { epoch: "e", count: 1 });
      store.commit(["b", "c"], 8.64e15, { epoch: "e", count: 3 });
      expect(store.counted(["b", "x", "a", "b"])).toEqual(
        new Map([
          ["a", 0],
          ["b", 8.64e15],
        ]),
      );
    });

    rule("[N10] refuses an id that is there already, and leaves everything as it was", (bench) => {
      const store = bench.fresh();
      store.commit(["a"], 1, { epoch: "e", count: 1 });
      expect(() => store.commit(["b", "a"], 2, { epoch: "e", count: 3 })).toThrow();
      expect(() => store.commit(["c", "c"], 2, { epoch: "e", count: 3 })).toThrow();
      expect(store.counted(["a", "b", "c"])).toEqual(new Map([["a", 1]]));
      expect(store.head()).toEqual({ epoch: "e", count: 1 });
      expect(bench.reopen().head()).toEqual({ epoch: "e", count: 1 });
    });

    rule("[N11] [C5] keeps ids apart that anyone might take for the same", (bench) => {
      const store = bench.fresh();
      const delicate = [...DELICATE_ELEMENTS, "x".repeat(1_024), "x".repeat(1_023), `${"x".repeat(1_023)}y`];
      for (const [index, id] of delicate.entries()) {
        expect([...store.counted([id]).keys()], JSON.stringify(id)).toEqual([]);
        store.commit([id], index, { epoch: "e", count: index + 1 });
      }
      const found = bench.reopen().counted(delicate);
      expect([...found.entries()].toSorted((a, b) => a[1] - b[1])).toEqual(delicate.map((id, index) => [id, index]));
    });
  });
}
