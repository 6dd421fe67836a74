/** What the SQL store does beyond the contract of all stores: schema, transactions, statements, bounds. */
import { describe, expect, test } from "vitest";
import { LwwSet } from "../../../src/core/sets/lww-set.ts";
import type { SequencedEntry } from "../../../src/core/sets/set-store.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import { MEMBERS_SCAN_MAX, SqlSetStore } from "../../../src/worker/sets/set-sql-store.ts";
import { CHUNK_UNITS_MAX, jsonChunks } from "../../../src/worker/sql/json-chunks.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { describeSetLaws } from "./set-laws.ts";
import { describeSetStore, walk } from "./set-store-contract.ts";
import { epochs, LENIENT, stateOf } from "./store-bench.ts";
import type { OnBench } from "./store-bench.ts";
import { SpySql } from "../../support/spy-sql.ts";
import { dropTables, indexes, STRING_BYTES_MAX, tables } from "../../support/test-database.ts";
import type { OnDatabase } from "../../support/test-database.ts";

/** @param lawRuns of each property: few where a database is slow */
export function describeSqlSetStore(where: string, onDatabase: OnDatabase, lawRuns: number): void {
  const onBench: OnBench = (body) =>
    onDatabase((sql) =>
      body({
        fresh: () => {
          dropTables(sql);
          return new SqlSetStore(sql);
        },
        reopen: () => new SqlSetStore(sql),
      }),
    );
  describeSetStore(where, onBench);
  describeSetLaws(where, onBench, lawRuns);

  const rule = (title: string, body: (sql: SqlDatabase) => void) => test(title, () => onDatabase(body));

  describe(`SQL store of a set, ${where}`, () => {
    rule("[S11] reading a set, and operations without effect, leave the database without a schema", (sql) => {
      const set = new LwwSet(new SqlSetStore(sql), sha256Hash64);
      set.entry("a");
      set.members("", 10);
      set.changes(undefined, 10);
      set.changes({ epoch: "e", sequence: 1 }, 10);
      set.changesAfterRecords(0, 10);
      set.proof();
      set.purge(1, epochs());
      set.apply([], 0, epochs());
      expect(set.apply([{ op: "add", element: "a", timestamp: 8.64e15 }], 0, epochs())).toEqual(["future"]);
      expect(tables(sql)).toEqual([]);
      expect(set.purgeDueMs()).toBeUndefined();
      set.apply([{ op: "add", element: "a", timestamp: 0 }], 0, epochs());
      expect(tables(sql)).toEqual(["entries", "head", "migrations"]);
    });

    rule("[S28] a fault at any statement of the first commit leaves no trace of it", (sql) => {
      const failures = failEverywhere(
        sql,
        (spy) => new LwwSet(new SqlSetStore(spy), sha256Hash64),
        () => expect(tables(sql)).toEqual([]),
      );
      expect(failures).toBeGreaterThan(5);
      expect(new SqlSetStore(sql).changes(0, 10)).toEqual([entry("a", 1), entry("b", 2)]);
    });

    rule("[S28] a fault at any statement of a later commit leaves the state before it", (sql) => {
      const old = new LwwSet(new SqlSetStore(sql), sha256Hash64);
      old.create(LENIENT, "e");
      old.apply([{ op: "remove", element: "a", timestamp: 0 }], 5, epochs());
      const before = { ...old.proof(), ...stateOf(old) };
      const failures = failEverywhere(
        sql,
        (spy) => new LwwSet(new SqlSetStore(spy), sha256Hash64),
        (set) => {
          expect({ ...set.proof(), ...stateOf(set) }).toEqual(before);
          const reopened = new LwwSet(new SqlSetStore(sql), sha256Hash64);
          expect({ ...reopened.proof(), ...stateOf(reopened) }).toEqual(before);
        },
      );
      expect(failures).toBeGreaterThan(1);
      expect(new SqlSetStore(sql).changes(1, 10)).toEqual([entry("a", 2), entry("b", 3)]);
    });

    rule("[S28] a fault at any statement of a purge leaves the state before it", (sql) => {
      const spy = new SpySql(sql);
      const set = new LwwSet(new SqlSetStore(spy), sha256Hash64);
      set.create({ ...LENIENT, tombstoneRetentionMs: 1 }, "e");
      set.apply([{ op: "remove", element: "a", timestamp: 1 }], 5, epochs());
      const before = { ...set.proof(), ...stateOf(set) };
      let failures = 0;
      for (;;) {
        spy.failAfter = failures;
        try {
          expect(set.purge(5, epochs())).toBe(1);
          break;
        } catch (error) {
          expect(String(error)).toContain("The disk is full.");
          failures += 1;
        } finally {
          spy.failAfter = Infinity;
        }
        expect({ ...set.proof(), ...stateOf(set) }).toEqual(before);
        expect(new SqlSetStore(sql).head()).toMatchObject({ epoch: "e", purgedMs: -1 });
      }
      expect(failures).toBeGreaterThan(1);
      expect(new SqlSetStore(sql).head()).toMatchObject({ purgedMs: 1, digest: 0n });
    });

    rule("[S15] refuses a sequence that another entry has", (sql) => {
      const store = new SqlSetStore(sql);
      const set = new LwwSet(store, sha256Hash64);
      set.apply([{ op: "add", element: "a", timestamp: 1 }], 5, epochs());
      expect(() => store.commit([entry("b", 1)], store.head()!)).toThrow(/UNIQUE/);
      expect(store.changes(0, 10)).toEqual([entry("a", 1)]);
    });

    rule("[S30] runs the same few statements whatever the values", (sql) => {
      const spy = new SpySql(sql);
      const set = new LwwSet(new SqlSetStore(spy), sha256Hash64);
      set.create({ ...LENIENT, tombstoneRetentionMs: 1 }, "e");
      const use = (elements: readonly string[], timestamp: number) => {
        set.apply(
          elements.map((element) => ({ op: "add", element, timestamp })),
          5,
          epochs(),
        );
        set.apply(
          elements.map((element) => ({ op: "remove", element, timestamp: timestamp + 1 })),
          5,
          epochs(),
        );
        set.changes({ epoch: "e", sequence: 0 }, elements.length);
        set.members(elements[0] ?? "", elements.length);
        set.entry(elements[0] ?? "");
        set.purgeDueMs();
        set.purge(timestamp + 2, epochs());
      };
      use(["a"], 1);
      const texts = new Set(spy.statements);
      spy.statements.length = 0;
      use(["'", '"', "\u{1f600}", ...Array.from({ length: 500 }, (_, index) => `x${index}`)], 10);
      expect(new Set(spy.statements)).toEqual(new Set([...texts].filter((text) => spy.statements.includes(text))));
      // One each for reading, writing, the head, and so on: a batch is not a loop of statements.
      expect(spy.statements.length).toBeLessThan(20);
    });

    rule("[S30] a full request of long elements is bound in strings the platform takes", (sql) => {
      const spy = new SpySql(sql);
      const set = new LwwSet(new SqlSetStore(spy), sha256Hash64);
      set.create({ ...LENIENT, tombstoneRetentionMs: 0 }, "e");
      // Four mebibytes, of characters that take three bytes each and one unit.
      const elements = Array.from(
        { length: 4_096 },
        (_, index) => String(index).padStart(4, "0") + "\uffff".repeat(340),
      );
      const remove = elements.map((element) => ({ op: "remove" as const, element, timestamp: 1 }));
      expect(new Set(set.apply(remove, 5, epochs()))).toEqual(new Set(["applied"]));
      expect(new Set(set.apply(remove, 5, epochs()))).toEqual(new Set(["superseded"]));
      expect(set.purge(5, epochs())).toBe(elements.length);
      expect(spy.boundBytesMax).toBeGreaterThan(STRING_BYTES_MAX / 4);
      expect(spy.boundBytesMax).toBeLessThanOrEqual(STRING_BYTES_MAX);
      expect(set.proof()).toMatchObject({ size: 0, digest: "0000000000000000" });
    });

    rule("[S23] a walk over a desert of tombstones looks at a bounded number of entries at a time", (sql) => {
      const store = new SqlSetStore(sql);
      store.commit([{ ...entry("0", 1), op: "add" }], HEAD);
      for (let from = 1; from <= MEMBERS_SCAN_MAX + 10; from += 10_000) {
        const count = Math.min(10_000, MEMBERS_SCAN_MAX + 11 - from);
        const desert = Array.from({ length: count }, (_, index) => ({
          ...entry(`t${String(from + index).padStart(9, "0")}`, 1 + from + index),
          op: "remove" as const,
        }));
        store.commit(desert, HEAD);
      }
      store.commit([entry("z", 1_000_000)], HEAD);

      const spy = new SpySql(sql);
      const reader = new SqlSetStore(spy);
      spy.statements.length = 0;
      const first = reader.members("0", 1);
      expect(first.elements).toEqual([]);
      expect(first.next).toBe(`t${String(MEMBERS_SCAN_MAX).padStart(9, "0")}`);
      expect(spy.statements.length).toBeLessThan(25);
      expect(reader.members(first.next!, 1)).toEqual({ elements: ["z"], next: null });
      expect(walk(reader, 1)).toEqual(["0", "z"]);
      expect(walk(reader, 100)).toEqual(["0", "z"]);
    });

    rule("[S30] chunks hold everything, in order, each within what the platform takes", () => {
      expect(CHUNK_UNITS_MAX * 3).toBeLessThanOrEqual(STRING_BYTES_MAX);
      // Brackets, quotes, and `,"y"` come to 8 units.
      const exact = ["x".repeat(CHUNK_UNITS_MAX - 2 - 2 - 4), "y"];
      expect(jsonChunks(exact)).toEqual([JSON.stringify(exact)]);
      expect(jsonChunks([`${exact[0]}x`, "y"])).toHaveLength(2);
      const values = Array.from({ length: 7_001 }, (_, index) => String(index).repeat(100));
      const chunks = jsonChunks(values);
      expect(chunks.length).toBeGreaterThan(2);
      expect(chunks.flatMap((chunk) => JSON.parse(chunk) as string[])).toEqual(values);
      for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(CHUNK_UNITS_MAX);
      expect(jsonChunks([])).toEqual([]);
    });

    rule("[S23] a page of members without tombstones is one statement, the last one too", (sql) => {
      const store = new SqlSetStore(sql);
      store.commit(
        ["a", "b", "c"].map((element, index) => entry(element, index + 1)),
        HEAD,
      );
      const spy = new SpySql(sql);
      const reader = new SqlSetStore(spy);
      for (const limit of [1, 2, 3, 4]) {
        spy.statements.length = 0;
        const page = reader.members("", limit);
        expect(page.next).toBe(["a", "b", null, null][limit - 1]);
        expect(spy.statements).toHaveLength(1);
      }
    });

    rule("[S30] an index of tombstones exists where tombstones are purged, and is what finds them", (sql) => {
      const kept = new LwwSet(new SqlSetStore(sql), sha256Hash64);
      kept.create(LENIENT, "e");
      expect(indexes(sql)).not.toContain("tombstones_by_timestamp");
      dropTables(sql);
      const purging = new LwwSet(new SqlSetStore(sql), sha256Hash64);
      purging.create({ ...LENIENT, tombstoneRetentionMs: 0 }, "e");
      expect(indexes(sql)).toContain("tombstones_by_timestamp");
    });
  });
}

const HEAD = {
  options: LENIENT,
  epoch: "e",
  sequence: 1_000_000,
  size: 2,
  digest: 0n,
  lastStampMs: 0,
  purgedMs: -1,
};

/** Writes two elements, failing at the first statement, then at the second, until nothing fails any more. */
function failEverywhere(sql: SqlDatabase, open: (spy: SpySql) => LwwSet, check: (set: LwwSet) => void): number {
  const spy = new SpySql(sql);
  const set = open(spy);
  const ops = [
    { op: "add" as const, element: "a", timestamp: 1 },
    { op: "add" as const, element: "b", timestamp: 2 },
  ];
  for (let failures = 0; ; failures++) {
    spy.failAfter = failures;
    try {
      set.apply(ops, 5, epochs());
      return failures;
    } catch (error) {
      expect(String(error)).toContain("The disk is full.");
    } finally {
      spy.failAfter = Infinity;
    }
    check(set);
  }
}

function entry(element: string, sequence: number): SequencedEntry {
  return { element, op: "add", timestamp: element === "b" ? 2 : 1, sequence };
}
