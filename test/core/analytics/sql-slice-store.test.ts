/** The SQL store on Node's SQLite, and what sealing leaves in a file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KnownNames } from "../../../src/core/analytics/known-names.ts";
import { SliceShard } from "../../../src/core/analytics/slice-shard.ts";
import type { SliceStore } from "../../../src/core/analytics/slice-store.ts";
import { hmacPseudonyms, newNameKey, newSalt } from "../../../src/worker/analytics/pseudonym.ts";
import { SqlSliceStore } from "../../../src/worker/analytics/slice-sql-store.ts";
import { NodeSql, onNodeSql } from "../../support/node-sql.ts";
import { CLAIM } from "./slice-bench.ts";
import { describeSqlSliceStore } from "./sql-slice-store-contract.ts";

describeSqlSliceStore("on Node's SQLite", onNodeSql, 100);

/** As the object makes it. */
function openShard(store: SliceStore): SliceShard {
  return new SliceShard(store, hmacPseudonyms, new KnownNames(newNameKey()));
}

test.each([1_100_000, 10_000])(
  "[A12] [A14] the file has no name at any time, and after sealing neither salt nor pseudonym, with memory for %i",
  (inMemoryMax) => {
    const folder = mkdtempSync(join(tmpdir(), "weir-slice-"));
    try {
      const path = join(folder, "slice.sqlite");
      const sql = new NodeSql(path);
      const store = new SqlSliceStore(sql, inMemoryMax);
      const shard = openShard(store);
      const users = Array.from({ length: 30_000 }, (_, index) => `someone-${index}`);
      for (let from = 0; from < users.length; from += 1_000) {
        const batch = users
          .slice(from, from + 1_000)
          .map((user) => ({ user, event: "click", id: `id of ${user}` }) as const);
        shard.record(batch, CLAIM, 1, newSalt);
      }
      const salt = store.salt()!;
      const pseudonyms = hmacPseudonyms(salt);
      const secrets = [
        salt,
        ...users.map((user) => pseudonyms.ofUser(user)),
        pseudonyms.ofId("id of someone-7"),
      ].filter((_, index) => index % 10 === 0);
      const bytes = secrets.map((hex) => Buffer.from(hex, "hex"));

      const open = readFileSync(path);
      expect(bytes.every((secret) => open.includes(secret))).toBe(true);
      expect(open.includes("someone-")).toBe(false);

      const totals = shard.totals();
      shard.seal(2);
      sql.close();
      const sealed = readFileSync(path);
      expect(bytes.filter((secret) => sealed.includes(secret)).length).toBe(0);
      const reopened = new NodeSql(path);
      expect(openShard(new SqlSliceStore(reopened)).totals()).toEqual(totals);
      reopened.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
