/** The SQL store of a shard: the suites of every store, and what only a database can get wrong. */
import { describe, expect, test } from "vitest";
import { SqlSliceStore } from "../../../src/worker/analytics/slice-sql-store.ts";
import { CHUNK_PSEUDONYMS } from "../../../src/worker/analytics/pseudonym-log.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { SpySql } from "../../support/spy-sql.ts";
import { dropTables, tables } from "../../support/test-database.ts";
import type { OnDatabase } from "../../support/test-database.ts";
import { CLAIM, HEAD, openShard, record, SALT } from "./slice-bench.ts";
import type { OnSliceBench } from "./slice-bench.ts";
import { describeSliceLaws } from "./slice-laws.ts";
import { describeSliceStore } from "./slice-store-contract.ts";

export function describeSqlSliceStore(where: string, onDatabase: OnDatabase, runs: number): void {
  const onBench =
    (inMemoryMax?: number): OnSliceBench =>
    (body) =>
      onDatabase((sql) => {
        body({
          fresh: () => {
            dropTables(sql);
            return new SqlSliceStore(sql, inMemoryMax);
          },
          reopen: () => new SqlSliceStore(sql, inMemoryMax),
        });
      });
  describeSliceStore(where, onBench());
  describeSliceLaws(where, onBench(), runs);
  describeSliceStore(`${where}, with memory for one`, onBench(1));
  describeSliceLaws(`${where}, with memory for two`, onBench(2), runs);

  const rule = (title: string, body: (sql: SqlDatabase) => void) => test(title, () => onDatabase(body));
  describe(`SQL store of a slice's shard, ${where}`, () => {
    rule("[A16] reading creates no table", (sql) => {
      const shard = openShard(new SqlSliceStore(sql));
      shard.totals();
      shard.seal(1);
      record(shard, []);
      expect(tables(sql)).toEqual([]);
    });

    rule("[A17] a fault at any statement of a batch leaves the state before it", (sql) => {
      const before = openShard(new SqlSliceStore(sql));
      record(before, [{ user: "a", event: "click", id: "1" }]);
      const spy = new SpySql(sql);
      const store = new SqlSliceStore(spy);
      const shard = openShard(store);
      const events = [{ user: "b", event: "impression", id: "2" } as const, { user: "a", event: "click" } as const];
      let failures = 0;
      for (; ; failures++) {
        spy.failAfter = failures;
        try {
          record(shard, events);
          break;
        } catch (error) {
          expect(String(error)).toContain("The disk is full.");
        } finally {
          spy.failAfter = Infinity;
        }
        expect(shard.totals()).toEqual(before.totals());
        expect(openShard(new SqlSliceStore(sql)).totals()).toEqual(before.totals());
      }
      expect(failures).toBeGreaterThanOrEqual(3);
      expect(shard.totals()).toEqual({ uniqueUsers: 2, clicks: 2, impressions: 1, late: 0 });
    });

    rule("[A17] a fault in the first batch leaves nothing, and the next begins anew", (sql) => {
      const spy = new SpySql(sql);
      const shard = openShard(new SqlSliceStore(spy));
      for (let failures = 0; ; failures++) {
        spy.failAfter = failures;
        try {
          record(shard, [{ user: "a", event: "click" }]);
          break;
        } catch {
          expect(tables(sql)).toEqual([]);
        }
      }
      spy.failAfter = Infinity;
      expect(openShard(new SqlSliceStore(sql)).totals()).toMatchObject({ uniqueUsers: 1, clicks: 1 });
      expect(new SqlSliceStore(sql).salt()).toBe(SALT);
    });

    rule("[A17] a fault while sealing leaves everything, and sealing can be tried again", (sql) => {
      record(openShard(new SqlSliceStore(sql)), [{ user: "a", event: "click", id: "1" }]);
      const spy = new SpySql(sql);
      const shard = openShard(new SqlSliceStore(spy));
      let failures = 0;
      for (; ; failures++) {
        spy.failAfter = failures;
        try {
          shard.seal(9);
          break;
        } catch {
          expect(shard.isSealed).toBe(false);
          expect(new SqlSliceStore(sql).salt()).toBe(SALT);
        }
      }
      expect(failures).toBeGreaterThan(6);
      expect(tables(sql).toSorted()).toEqual(["head", "migrations"]);
    });

    rule("[A5] a batch of users who are known reads and writes the head alone", (sql) => {
      const spy = new SpySql(sql);
      const shard = openShard(new SqlSliceStore(spy));
      const events = ["a", "b", "c"].map((user) => ({ user, event: "click" }) as const);
      record(shard, events);
      spy.statements.length = 0;
      record(shard, events);
      expect(spy.statements).toEqual([expect.stringMatching(/^INSERT INTO head/)]);
    });

    rule("[A5] the log is read once, however many batches follow, and no statement counts", (sql) => {
      record(openShard(new SqlSliceStore(sql)), [{ user: "a", event: "click", id: "1" }]);
      const spy = new SpySql(sql);
      const shard = openShard(new SqlSliceStore(spy));
      for (let batch = 0; batch < 5; batch++) record(shard, [{ user: `u${batch}`, event: "click", id: `i${batch}` }]);
      const reads = spy.statements.filter((statement) => /^SELECT\b.*\b(?:users|event_ids)\b/s.test(statement));
      expect(reads.length).toBe(2);
      for (const statement of spy.statements)
        expect(statement).not.toMatch(/SUM\(|COUNT\(\*\) FROM (?:users|event_ids)/);
    });

    rule("[A5] a batch writes a row of users and one of ids, and more only where they fill chunks", (sql) => {
      const batch = (from: number, size: number) =>
        Array.from(
          { length: size },
          (_, index) => ({ user: `${from + index}`, event: "click", id: `${from + index}` }) as const,
        );
      for (let from = 0; from < 40; from += 10) record(openShard(new SqlSliceStore(sql)), batch(from, 10));
      const shard = openShard(new SqlSliceStore(sql));
      const chunks = () => Number(sql.all("SELECT COUNT(*) AS count FROM users")[0]!["count"]);
      expect(chunks()).toBe(1);
      record(shard, batch(40, CHUNK_PSEUDONYMS * 3 - 40));
      expect(chunks()).toBe(3);
      record(openShard(new SqlSliceStore(sql)), batch(CHUNK_PSEUDONYMS * 3 - 1, 2));
      expect(chunks()).toBe(4);
      const again = openShard(new SqlSliceStore(sql));
      expect(record(again, batch(0, CHUNK_PSEUDONYMS * 3 + 1))).toMatchObject({
        duplicates: CHUNK_PSEUDONYMS * 3 + 1,
        totals: { uniqueUsers: CHUNK_PSEUDONYMS * 3 + 1 },
      });
    });

    rule("[A18] a full batch of new users is bound in pieces that the platform takes", (sql) => {
      const spy = new SpySql(sql);
      const many = Array.from({ length: 60_000 }, (_, index) => scattered(index));
      for (const inMemoryMax of [1_000_000, 30_000]) {
        dropTables(sql);
        const store = new SqlSliceStore(spy, inMemoryMax);
        store.commit(many, many, HEAD, SALT);
        expect(store.countedUsers(many).size).toBe(60_000);
        expect(new SqlSliceStore(sql, inMemoryMax).countedIds(many).size).toBe(60_000);
      }
      expect(spy.boundBytesMax).toBeLessThanOrEqual(2_000_000);
    });

    rule("[A12] a user is 16 bytes", (sql) => {
      record(openShard(new SqlSliceStore(sql)), [{ user: "a", event: "click", id: "b" }]);
      for (const table of ["users", "event_ids"]) {
        const rows = sql.all(`SELECT length(pseudonyms) AS bytes, typeof(pseudonyms) AS type FROM ${table}`);
        expect(rows).toEqual([{ bytes: 16, type: "blob" }]);
      }
      expect(new SqlSliceStore(sql).head()?.claim).toEqual(CLAIM);
    });
  });
}

/** A pseudonym of its own for each number, as random as a multiplication makes it. */
function scattered(index: number): string {
  return (Math.imul(index + 1, 2_654_435_761) >>> 0).toString(16).padStart(32, "0");
}
