/** The log in which items of large tenants wait: what is in it counts like what is in the table, at every moment. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CountedItem } from "../../../src/core/counters/item-store.ts";
import { compareCodePoints } from "../../../src/core/text.ts";
import { SqlItemStore } from "../../../src/worker/counters/item-sql-store.ts";
import type { LogLimits } from "../../../src/worker/counters/item-sql-store.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { SpySql } from "../../support/spy-sql.ts";
import { dropTables } from "../../support/test-database.ts";
import type { OnDatabase } from "../../support/test-database.ts";

/** Every batch goes through the log, and a generation of it is full with a few ids. */
export const SMALL_LOG: LogLimits = {
  tableItemsMin: 0,
  batchItemsMin: 1,
  batchItemsMax: 10_000,
  unitsPerItem: 3,
  unitsMax: 3,
};

const idArb = fc.constantFrom(...lettersOf("abcdefghijklmnop"), "\u00e9", "\uffff", "\u{1f600}", "ab", "ba");
const stepArb = fc.oneof(
  { weight: 6, arbitrary: fc.uniqueArray(idArb, { minLength: 1, maxLength: 4 }) },
  { weight: 2, arbitrary: fc.constant("reopen" as const) },
  { weight: 1, arbitrary: fc.constant("export" as const) },
);

export function describeItemLog(where: string, onDatabase: OnDatabase, runs: number): void {
  const rule = (title: string, body: (sql: SqlDatabase) => void) => test(title, () => onDatabase(body));

  describe(`log of items, ${where}`, () => {
    rule("[N3] [N7] whatever waits and whatever was moved, before and after a restart, is counted once", (sql) => {
      const limitsArb = fc.record({
        tableItemsMin: fc.nat(4),
        batchItemsMin: fc.integer({ min: 1, max: 3 }),
        batchItemsMax: fc.constantFrom(2, 10),
        unitsPerItem: fc.nat(2),
        unitsMax: fc.integer({ min: 1, max: 8 }),
      });
      const property = fc.property(limitsArb, fc.array(stepArb, { maxLength: 24 }), (limits, steps) => {
        dropTables(sql);
        let store = new SqlItemStore(sql, limits);
        const model = new Map<string, number>();
        for (const [nowMs, step] of steps.entries()) {
          if (step === "reopen") store = new SqlItemStore(sql, limits);
          else if (step === "export") expect(store.items("", 100)).toEqual(inOrder(model));
          else {
            const fresh = step.filter((id) => !model.has(id));
            if (fresh.length === 0) continue;
            for (const id of fresh) model.set(id, nowMs);
            store.commit(fresh, nowMs, { epoch: "e", count: model.size });
          }
          expect(new Map(inOrder(store.counted([...model.keys(), "x"])).map(({ id, at }) => [id, at]))).toEqual(
            new Map(inOrder(model).map(({ id, at }) => [id, at])),
          );
          expect(rowsOf(sql)).toEqual([...model.keys()].toSorted(compareCodePoints));
        }
      });
      fc.assert(property, { numRuns: runs });
    });

    rule("[N10] a fault at any statement of any batch leaves the state before it", (sql) => {
      const batches = ["dh", "bf", "ace", "g", "ijk", "m", "l"].map(lettersOf);
      const spy = new SpySql(sql);
      const store = new SqlItemStore(spy, SMALL_LOG);
      const model = new Map<string, number>();
      let failures = 0;
      for (const [nowMs, batch] of batches.entries()) {
        const count = model.size + batch.length;
        for (let after = 0, failed = true; failed; after++) {
          spy.failAfter = after;
          try {
            store.commit(batch, nowMs, { epoch: "e", count });
            failed = false;
          } catch (error) {
            expect(String(error)).toContain("The disk is full.");
            failures += 1;
          }
          spy.failAfter = Infinity;
          if (!failed) for (const id of batch) model.set(id, nowMs);
          for (const one of [store, new SqlItemStore(sql, SMALL_LOG)]) {
            expect(inOrder(one.counted(lettersOf("abcdefghijklm")))).toEqual(inOrder(model));
          }
          expect(store.head()?.count ?? 0).toBe(model.size);
        }
      }
      expect(failures).toBeGreaterThan(batches.length * 3);
      expect(store.items("", 100)).toEqual(inOrder(model));
    });

    rule("[N10] no id is taken twice, be it in the log, in the table or on its way", (sql) => {
      const store = new SqlItemStore(sql, SMALL_LOG);
      store.commit(lettersOf("dhbf"), 0, { epoch: "e", count: 4 });
      store.commit(["a"], 1, { epoch: "e", count: 5 });
      expect([waitingIn(sql).join(""), itemsIn(sql).join("")]).toEqual(["dhbfa", "bd"]);
      for (const limits of [SMALL_LOG, { ...SMALL_LOG, tableItemsMin: Infinity }]) {
        for (const id of "dhbfa") {
          const one = new SqlItemStore(sql, limits);
          expect(() => one.commit(["z", id], 9, { epoch: "e", count: 7 }), id).toThrow();
          expect(one.counted(["z"])).toEqual(new Map());
        }
      }
    });

    rule("[N4] a batch goes to the log if the table is large and the batch neither small nor large", (sql) => {
      const limits: LogLimits = {
        tableItemsMin: 5,
        batchItemsMin: 2,
        batchItemsMax: 3,
        unitsPerItem: 100,
        unitsMax: 100,
      };
      const store = new SqlItemStore(sql, limits);
      let count = 0;
      const commit = (ids: string) => {
        count += ids.length;
        store.commit(lettersOf(ids), 0, { epoch: "e", count });
        return waitingIn(sql).join("");
      };
      expect(commit("abcd")).toBe("");
      expect(commit("e")).toBe("");
      expect(commit("fg")).toBe("fg");
      expect(commit("h")).toBe("fg");
      expect(commit("ijk")).toBe("fgijk");
      expect(commit("lmno")).toBe("fgijk");
      expect(itemsIn(sql).join("")).toBe("abcdehlmno");
    });

    rule("[N4] what waits is moved as new items come, and what was moved leaves the log", (sql) => {
      const store = new SqlItemStore(sql, { ...SMALL_LOG, unitsPerItem: 40, unitsMax: 40 });
      let waitingMax = 0;
      for (let batch = 0; batch < 50; batch++) {
        const ids = Array.from({ length: 4 }, (_, index) =>
          String.fromCodePoint(0x4e00 + (((batch * 4 + index) * 77) % 211)),
        );
        store.commit(ids, batch, { epoch: "e", count: (batch + 1) * 4 });
        waitingMax = Math.max(waitingMax, waitingIn(sql).length);
      }
      // One generation grows while the other is moved.
      expect(waitingMax).toBeGreaterThan(40);
      expect(waitingMax).toBeLessThanOrEqual(80);
      expect(itemsIn(sql).length).toBeGreaterThan(120);
    });
  });
}

function lettersOf(text: string): readonly string[] {
  return text.split("");
}

function inOrder(items: ReadonlyMap<string, number>): readonly CountedItem[] {
  return [...items].map(([id, at]) => ({ id, at })).toSorted((a, b) => compareCodePoints(a.id, b.id));
}

function waitingIn(sql: SqlDatabase): readonly string[] {
  return sql.all("SELECT value FROM recent, json_each(ids) ORDER BY batch, key").map((row) => String(row["value"]));
}

function itemsIn(sql: SqlDatabase): readonly string[] {
  return sql.all("SELECT id FROM items ORDER BY id").map((row) => String(row["id"]));
}

/** Every id that the database holds, wherever; each once. */
function rowsOf(sql: SqlDatabase): readonly string[] {
  const [table] = sql.all("SELECT 1 FROM sqlite_master WHERE name = 'recent'");
  if (table === undefined) return [];
  return [...new Set([...waitingIn(sql), ...itemsIn(sql)])].toSorted(compareCodePoints);
}
