/** What the SQL store does beyond the contract of all stores: schema, transactions, statements, bounds. */
import { describe, expect, test } from "vitest";
import { OrderedStream } from "../../../src/core/streams/ordered-stream.ts";
import { SqlStreamStore } from "../../../src/worker/streams/stream-sql-store.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { SpySql } from "../../support/spy-sql.ts";
import { dropTables, STRING_BYTES_MAX, tables } from "../../support/test-database.ts";
import type { OnDatabase } from "../../support/test-database.ts";
import { describeStreamLaws } from "./stream-laws.ts";
import type { OnStreamBench } from "./stream-laws.ts";
import { TestAudience } from "./stream-model.ts";
import { describeStreamStore } from "./stream-store-contract.ts";

const T0 = 1_000_000;

function openStream(sql: SqlDatabase): OrderedStream {
  return new OrderedStream(new SqlStreamStore(sql), new TestAudience("u"), T0);
}

function lines(from: number, to: number, rest: (sequence: number) => string): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}|${rest(from + index)}`).join("\n");
}

function rows(sql: SqlDatabase, table: string): number {
  return Number(sql.all(`SELECT COUNT(*) AS n FROM ${table}`)[0]?.["n"]);
}

/** @param lawRuns of each property: few where a database is slow */
export function describeSqlStreamStore(where: string, onDatabase: OnDatabase, lawRuns: number): void {
  const onBench: OnStreamBench = (body) =>
    onDatabase((sql) =>
      body({
        fresh: () => {
          dropTables(sql);
          return new SqlStreamStore(sql);
        },
        reopen: () => new SqlStreamStore(sql),
      }),
    );
  describeStreamStore(where, onBench);
  describeStreamLaws(where, onBench, lawRuns);

  const rule = (title: string, body: (sql: SqlDatabase) => void) => test(title, () => onDatabase(body));

  describe(`SQL store of a stream, ${where}`, () => {
    rule("[T16] reading, and empty requests, leave the database without a schema", (sql) => {
      const stream = openStream(sql);
      expect(stream.offer("\n\r\n", T0)).toEqual({ lines: 0, duplicates: 0, deadLetters: 0 });
      stream.gap(T0);
      stream.expire(T0);
      stream.deadLetters(0, 10);
      expect(tables(sql)).toEqual([]);
      stream.take("1|B", T0);
      expect(tables(sql)).toContain("head");
    });

    rule("[T23] a fault at any statement of a turn leaves the state before it", (sql) => {
      openStream(sql).take("2|B\n4|F|a|b\nx\n", T0);
      const spy = new SpySql(sql);
      let failures = 0;
      for (let isDone = false; !isDone; failures++) {
        const stream = openStream(spy);
        spy.failAfter = failures;
        try {
          stream.take("1|B\n3|B\n9|B\ny\n5|U|a|b", T0);
          isDone = true;
        } catch (error) {
          expect(String(error)).toContain("The disk is full.");
        }
        spy.failAfter = Infinity;
        const after = openStream(sql);
        expect([after.cursor, after.buffered, after.totals.deadLetters]).toEqual(isDone ? [5, 1, 2] : [0, 2, 1]);
      }
      expect(failures).toBeGreaterThan(4);
      expect(openStream(sql).take("5|B\n9|B", T0).duplicates).toBe(2);
    });

    rule("[T21] a turn of many lines is four statements, whatever they are", (sql) => {
      const spy = new SpySql(sql);
      const stream = openStream(spy);
      stream.configure({ eventTimeoutMs: -1 });
      stream.take(
        lines(2, 5_000, () => "B"),
        T0,
      );
      spy.statements.length = 0;
      stream.take(`1|B\n${lines(5_002, 10_000, (sequence) => `S|${sequence}`)}`, T0);
      const verbs = spy.statements.map((statement) => statement.split(" ").slice(0, 3).join(" "));
      expect(verbs).toEqual(["INSERT INTO log", "INSERT INTO held", "DELETE FROM held", "INSERT INTO head"]);
      expect([rows(sql, "log"), rows(sql, "held"), rows(sql, "head")]).toEqual([1, 1, 1]);
    });

    rule("[T22] the log is kept back to the checkpoint, and both together are the graph", (sql) => {
      const stream = openStream(sql);
      stream.configure({ retentionEvents: 0, eventTimeoutMs: -1 });
      stream.take(
        lines(1, 100, (sequence) => `F|u|${sequence}`),
        T0,
      );
      for (let at = 101; at < 200; at++) stream.take(`${at}|B`, T0);
      expect(rows(sql, "log")).toBe(100);
      expect(rows(sql, "graph")).toBe(0);
      expect(openStream(sql).follows).toBe(100);
      // Enough changes pay for a checkpoint, and what is before it goes.
      stream.take(
        lines(200, 20_199, (sequence) => `F|v|${sequence}`),
        T0,
      );
      expect(rows(sql, "graph")).toBeGreaterThan(1);
      stream.take("20200|B", T0);
      stream.take("20201|B", T0);
      expect(rows(sql, "log")).toBeLessThan(3);
      const again = openStream(sql);
      expect(again.follows).toBe(20_100);
      const audience = new TestAudience("u");
      const told = new OrderedStream(new SqlStreamStore(sql), audience, T0);
      told.take("20202|S|77\n20203|S|20000", T0);
      expect(audience.toldOf("u")).toEqual(["20202|S|77"]);
    });

    rule("[T14] [T21] rows of holes, dead letters and lines that wait go with what they were for", (sql) => {
      const stream = openStream(sql);
      stream.configure({ retentionEvents: 10, eventTimeoutMs: 0 });
      for (let at = 2; at <= 400; at += 2) stream.take(`${at}|B\nx`, T0);
      expect(rows(sql, "log")).toBeLessThan(13);
      expect(rows(sql, "gaps")).toBeLessThan(13);
      expect(rows(sql, "held")).toBe(0);
      expect(rows(sql, "dead_letters")).toBe(200);
      stream.take("x\n".repeat(10_000), T0);
      expect(rows(sql, "dead_letters")).toBeLessThan(4);
    });

    rule("[T24] runs the same few statements whatever the values", (sql) => {
      const spy = new SpySql(sql);
      const stream = openStream(spy);
      const turn = (from: number, name: string) =>
        stream.take(`${from}|F|${name}|${name}\n${from + 2}|S|${name}\n${name}\n`, T0);
      stream.configure({ eventTimeoutMs: 0, retentionEvents: 1 });
      for (let at = 1; at < 60; at += 4) turn(at, "a");
      const texts = new Set(spy.statements);
      for (let at = 61; at < 160; at += 4) turn(at, `'"\u{1f600}${at}`);
      expect([...new Set(spy.statements)].filter((text) => !texts.has(text))).toEqual([]);
    });

    rule("[T24] full requests of any kind are bound in strings the platform takes", (sql) => {
      const spy = new SpySql(sql);
      const stream = openStream(spy);
      const wide = (sequence: number) => `S|${"\uffff".repeat(80)}${sequence}`;
      stream.configure({ eventTimeoutMs: 0 });
      stream.take(lines(1, 16_000, wide), T0);
      stream.configure({ eventTimeoutMs: -1 });
      stream.take(lines(16_002, 32_000, wide), T0);
      stream.take(`${"\uffff".repeat(341)}\n`.repeat(4_000), T0);
      stream.configure({ eventTimeoutMs: 0 });
      stream.take(Array.from({ length: 50_000 }, (_, index) => `${2 ** 52 + 2 * index}|B`).join("\n"), T0);
      expect(spy.boundBytesMax).toBeGreaterThan(STRING_BYTES_MAX / 4);
      expect(spy.boundBytesMax).toBeLessThanOrEqual(STRING_BYTES_MAX);
      const again = openStream(sql);
      expect(again.cursor).toBe(2 ** 52 + 2 * 49_999);
      expect(again.deadLetters(0, 10_000)).toHaveLength(4_000);
      expect(again.take(`16001|B\n${2 ** 52 + 3}|B`, T0).deadLetters).toBe(2);
    });
  });
}
