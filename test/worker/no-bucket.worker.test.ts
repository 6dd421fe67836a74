import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { INVENTORY_SHARDS } from "../../src/worker/backup/inventory-address.ts";
import { expectProblem } from "./support/problems.ts";
import { request } from "./support/request.ts";
import { add, TestSet } from "./support/test-set.ts";

it("[X8] without a bucket nothing is listed, and backups are refused", async () => {
  const set = new TestSet();
  await set.write(add("a", 1));
  expect(await set.tables()).not.toContain("listed");
  for (let shard = 0; shard < INVENTORY_SHARDS; shard++) {
    const tables = await runInDurableObject(env.INVENTORY.getByName(`inventory ${shard}`), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'things'").toArray(),
    );
    expect(tables).toEqual([]);
  }
  await expectProblem(request("GET", "/backups"), "not_found");
  await expectProblem(request("POST", "/backups"), "not_found");
  await expectProblem(request("GET", "/backups/2026-11-21T03-17-00Z?feature=sets&name=a"), "not_found");
});
