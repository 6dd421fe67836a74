/** What the SQL store does beyond the contract of all stores: schema, transactions, statements, bounds. */
import { describe, expect, test } from "vitest";
import { ItemCounter } from "../../../src/core/counters/item-counter.ts";
import { LOG_LIMITS, SqlItemStore } from "../../../src/worker/counters/item-sql-store.ts";
import type { LogLimits } from "../../../src/worker/counters/item-sql-store.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { SpySql } from "../../support/spy-sql.ts";
import { dropTables, STRING_BYTES_MAX, tables } from "../../support/test-database.ts";
import type { OnDatabase } from "../../support/test-database.ts";
import { epochs } from "../sets/store-bench.ts";
import { describeItemLog, SMALL_LOG } from "./item-log-contract.ts";
import { describeItemLaws } from "./item-laws.ts";
import { describeItemStore } from "./item-store-contract.ts";
import type { OnItemBench } from "./item-store-contract.ts";

/** @param lawRuns of each property: few where a database is slow */
export function describeSqlItemStore(where: string, onDatabase: OnDatabase, lawRuns: number): void {
  const onBench =
    (limits: LogLimits): OnItemBench =>
    (body) =>
      onDatabase((sql) =>
        body({
          fresh: () => {
            dropTables(sql);
            return new SqlItemStore(sql, limits);
          },
          reopen: () => new SqlItemStore(sql, limits),
        }),
      );
  describeItemStore(where, onBench(LOG_LIMITS));
  describeItemLaws(where, onBench(LOG_LIMITS), lawRuns);
  describeItemStore(`${where}, through its log`, onBench(SMALL_LOG));
  describeItemLaws(`${where}, through its log`, onBench(SMALL_LOG), lawRuns);
  describeItemLog(where, onDatabase, lawRuns);

  const rule = (title: string, body: (sql: SqlDatabase) => void) => test(title, () => onDatabase(body));

  describe(`SQL store of items, ${where}`, () => {
    rule("[N6] reading, and empty batches, leave the database without a schema", (sql) => {
      const counter = new ItemCounter(new SqlItemStore(sql));
      counter.state();
      counter.countedMs("a");
      expect(counter.observe([], 0, epochs())).toEqual([]);
      expect(tables(sql)).toEqual([]);
      counter.observe(["a"], 0, epochs());
      expect(tables(sql)).toEqual(["head", "items", "migrations", "recent"]);
    });

    rule("[N10] a fault at any statement of the first commit leaves no trace of it", (sql) => {
      const failures = failEverywhere(sql, () => expect(tables(sql)).toEqual([]));
      expect(failures).toBeGreaterThan(4);
      expect(new ItemCounter(new SqlItemStore(sql)).state()).toEqual({ count: 2, offset: "e1:2" });
    });

    rule("[N10] a fault at any statement of a later commit leaves the state before it", (sql) => {
      new ItemCounter(new SqlItemStore(sql)).observe(["a"], 1, epochs());
      const failures = failEverywhere(sql, (counter) => {
        for (const one of [counter, new ItemCounter(new SqlItemStore(sql))]) {
          expect(one.state()).toEqual({ count: 1, offset: "e1:1" });
          expect(one.countedMs("b")).toBeUndefined();
        }
      });
      expect(failures).toBe(3);
      const after = new ItemCounter(new SqlItemStore(sql));
      expect(after.state()).toEqual({ count: 2, offset: "e1:2" });
      expect([after.countedMs("a"), after.countedMs("b")]).toEqual([1, 5]);
    });

    rule("[N4] a batch is three statements, a batch of duplicates one that reads", (sql) => {
      const spy = new SpySql(sql);
      const counter = new ItemCounter(new SqlItemStore(spy));
      const ids = Array.from({ length: 10_000 }, (_, index) => `item-${index}`);
      counter.observe(["first"], 0, epochs());
      spy.statements.length = 0;
      counter.observe(ids, 0, epochs());
      expect(spy.statements.map(verb)).toEqual(["SELECT", "INSERT", "INSERT"]);
      spy.statements.length = 0;
      counter.observe([...ids, ...ids], 0, epochs());
      expect(spy.statements.map(verb)).toEqual(["SELECT"]);
    });

    rule("[N5] no statement looks through the items", (sql) => {
      const spy = new SpySql(sql);
      for (const limits of [LOG_LIMITS, SMALL_LOG]) {
        dropTables(sql);
        const counter = new ItemCounter(new SqlItemStore(spy, limits));
        for (const batch of ["ab", "bcd", "e", "fg"]) counter.observe(batch.split(""), 0, epochs());
        counter.countedMs("a");
        counter.items("", 1);
        counter.state();
      }
      const used = spy.statements.filter((statement) => /\bitems\b/.test(statement) && !statement.startsWith("CREATE"));
      expect(used.length).toBeGreaterThan(0);
      for (const statement of new Set(used)) {
        const values = statement
          .split("?")
          .slice(1)
          .map(() => "[]");
        const plan = sql.all(`EXPLAIN QUERY PLAN ${statement}`, ...values).map((row) => String(row["detail"]));
        expect(plan.join("\n"), statement).not.toMatch(/SCAN items/);
      }
      // Only the items that are asked for are counted at all.
      expect(spy.statements.join("\n")).not.toMatch(/COUNT\s*\(.*items/i);
    });

    rule("[N12] runs the same few statements whatever the values", (sql) => {
      const spy = new SpySql(sql);
      const counter = new ItemCounter(new SqlItemStore(spy));
      counter.observe(["a"], 1, epochs());
      counter.observe(["b"], 1, epochs());
      const texts = new Set(spy.statements);
      counter.observe(["'", '"', "\u{1f600}", ...Array.from({ length: 500 }, (_, index) => `x${index}`)], 2, epochs());
      expect(new Set(spy.statements)).toEqual(texts);
    });

    rule("[N12] a full request of long ids is bound in strings the platform takes", (sql) => {
      const spy = new SpySql(sql);
      const counter = new ItemCounter(new SqlItemStore(spy));
      // Four mebibytes, of characters that take three bytes each and one unit.
      const ids = Array.from({ length: 4_096 }, (_, index) => String(index).padStart(4, "0") + "\uffff".repeat(340));
      expect(new Set(counter.observe(ids, 1, epochs()))).toEqual(new Set(["new"]));
      expect(new Set(counter.observe(ids, 2, epochs()))).toEqual(new Set(["duplicate"]));
      expect(spy.boundBytesMax).toBeGreaterThan(STRING_BYTES_MAX / 4);
      expect(spy.boundBytesMax).toBeLessThanOrEqual(STRING_BYTES_MAX);
      expect(counter.state().count).toBe(4_096);
    });
  });
}

/** Counts two ids, failing at the first statement, then at the second, until nothing fails any more. */
function failEverywhere(sql: SqlDatabase, check: (counter: ItemCounter) => void): number {
  const spy = new SpySql(sql);
  const counter = new ItemCounter(new SqlItemStore(spy));
  for (let failures = 0; ; failures++) {
    spy.failAfter = failures;
    try {
      counter.observe(["a", "b"], 5, epochs());
      return failures;
    } catch (error) {
      expect(String(error)).toContain("The disk is full.");
    } finally {
      spy.failAfter = Infinity;
    }
    check(counter);
  }
}

function verb(statement: string): string {
  return statement.split(" ", 1)[0] ?? "";
}

/** Without those of the platform and of SQLite itself. */
