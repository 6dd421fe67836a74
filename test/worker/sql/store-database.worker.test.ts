import { env, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import type { Migration } from "../../../src/worker/sql/migrations.ts";
import type { SqlDatabase } from "../../../src/worker/sql/sql-database.ts";
import { StoreDatabase } from "../../../src/worker/sql/store-database.ts";
import { tables } from "../../support/test-database.ts";

const FIRST: Migration = ["CREATE TABLE things (name TEXT)"];
const SECOND: Migration = ["ALTER TABLE things ADD COLUMN colour TEXT DEFAULT 'grey'"];

const READ = "SELECT * FROM things";

/** Any object has a database; this one was never written. */
function onDatabase(body: (sql: SqlDatabase) => void): Promise<void> {
  return runInDurableObject(env.SETS.get(env.SETS.newUniqueId()), (_, state) => body(new DurableSql(state.storage)));
}

function write(database: StoreDatabase, name: string): boolean {
  let wasFirst = false;
  database.write((sql, isFirst) => {
    sql.all("INSERT INTO things (name) VALUES (?)", name);
    wasFirst = isFirst;
  });
  return wasFirst;
}

describe("the database of a store", () => {
  it("is not created by reading it", () =>
    onDatabase((sql) => {
      expect(new StoreDatabase(sql, [FIRST]).read(READ)).toEqual([]);
      expect(tables(sql)).toEqual([]);
    }));

  it("has its schema from the first write on, which is told so", () =>
    onDatabase((sql) => {
      const database = new StoreDatabase(sql, [FIRST]);
      expect([write(database, "a"), write(database, "b")]).toEqual([true, false]);
      expect(write(new StoreDatabase(sql, [FIRST]), "c")).toBe(false);
      expect(database.read(READ)).toEqual([{ name: "a" }, { name: "b" }, { name: "c" }]);
    }));

  it("is left without a schema by a first write that fails, and written by the next", () =>
    onDatabase((sql) => {
      const database = new StoreDatabase(sql, [FIRST]);
      const fail = () =>
        database.write(() => {
          throw new Error("no");
        });
      expect(fail).toThrow("no");
      expect(tables(sql)).toEqual([]);
      expect(write(database, "a")).toBe(true);
    }));

  it("is brought up to the last migration when it is opened, with what it holds", () =>
    onDatabase((sql) => {
      write(new StoreDatabase(sql, [FIRST]), "a");
      const newer = new StoreDatabase(sql, [FIRST, SECOND]);
      expect(newer.read(READ)).toEqual([{ name: "a", colour: "grey" }]);
    }));

  it("that later code has changed is read and written by earlier code, while both run", () =>
    onDatabase((sql) => {
      write(new StoreDatabase(sql, [FIRST, SECOND]), "a");
      const older = new StoreDatabase(sql, [FIRST]);
      write(older, "b");
      expect(older.read("SELECT name FROM things")).toEqual([{ name: "a" }, { name: "b" }]);
    }));
});
