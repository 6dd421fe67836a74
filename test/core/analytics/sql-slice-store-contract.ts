/** The SQL store of a shard: the suites of every store, and what only a database can get wrong. */
import { describe, expect, test } from "vitest";
import { SqlSliceStore } from "../../../src/worker/analytics/slice-sql-store.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { SpySql } from "../../support/spy-sql.ts";
import { CLAIM, HEAD, openShard, record, SALT } from "./slice-bench.ts";
import type { OnSliceBench } from "./slice-bench.ts";
import { describeSliceLaws } from "./slice-laws.ts";
import { describeSliceStore } from "./slice-store-contract.ts";

/** Runs a body over an empty database, be it Node's or a Durable Object's. */
type OnSql = (body: (sql: SqlDatabase) => void) => void | Promise<void>;

export function describeSqlSliceStore(where: string, onSql: OnSql, runs: number): void {
  const onBench: OnSliceBench = (body) =>
    onSql((sql) => {
      body({
        fresh: () => {
          for (const table of tables(sql)) sql.all(`DROP TABLE ${table}`);
          return new SqlSliceStore(sql);
        },
        reopen: () => new SqlSliceStore(sql),
      });
    });
  describeSliceStore(where, onBench);
  describeSliceLaws(where, onBench, runs);

  const rule = (title: string, body: (sql: SqlDatabase) => void) => test(title, () => onSql(body));
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
      expect(failures).toBeGreaterThan(3);
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
      expect(spy.statements).toEqual([expect.stringMatching(/^INSERT OR REPLACE INTO head/)]);
    });

    rule("[A5] no statement but the one that seals looks at a whole table", (sql) => {
      const spy = new SpySql(sql);
      const shard = openShard(new SqlSliceStore(spy));
      record(shard, [{ user: "a", event: "click", id: "1" }]);
      record(openShard(new SqlSliceStore(spy)), [{ user: "b", event: "click", id: "2" }]);
      const reads = spy.statements.filter((statement) => /\b(?:users|event_ids)\b/.test(statement));
      for (const statement of reads) expect(statement).not.toMatch(/COUNT|SUM/);
      for (const statement of reads.filter((text) => text.startsWith("SELECT"))) {
        const plan = sql.all(`EXPLAIN QUERY PLAN ${statement}`, "[]").map((row) => String(row["detail"]));
        expect(plan.filter((detail) => /SCAN (?:users|event_ids)/.test(detail))).toEqual([]);
      }
    });

    rule("[A18] a full batch of new users is bound in pieces that the platform takes", (sql) => {
      const spy = new SpySql(sql);
      const store = new SqlSliceStore(spy);
      const many = Array.from({ length: 60_000 }, (_, index) => index.toString(16).padStart(32, "0"));
      store.commit(many, many, HEAD, SALT);
      expect(spy.boundBytesMax).toBeLessThanOrEqual(2_000_000);
      expect(store.countedUsers(many).size).toBe(60_000);
    });

    rule("[A12] a user is 16 bytes", (sql) => {
      record(openShard(new SqlSliceStore(sql)), [{ user: "a", event: "click", id: "b" }]);
      for (const table of ["users", "event_ids"]) {
        const rows = sql.all(`SELECT length(pseudonym) AS bytes, typeof(pseudonym) AS type FROM ${table}`);
        expect(rows).toEqual([{ bytes: 16, type: "blob" }]);
      }
      expect(new SqlSliceStore(sql).head()?.claim).toEqual(CLAIM);
    });
  });
}

/** Without those of the platform and of SQLite itself. */
function tables(sql: SqlDatabase): readonly string[] {
  return sql
    .all("SELECT name FROM sqlite_master WHERE type = 'table'")
    .map((row) => String(row["name"]))
    .filter((name) => !/^(_cf_|sqlite_)/.test(name));
}
