/** The SQL store on the SQLite of a Durable Object, where it runs in earnest. */
import { env, runInDurableObject } from "cloudflare:test";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import { describeSqlItemStore } from "../../core/counters/sql-item-store-contract.ts";

describeSqlItemStore(
  "on a Durable Object's SQLite",
  async (body) => {
    const { TENANTS } = env;
    // Any object has a database; this one was never written.
    const stub = TENANTS.get(TENANTS.newUniqueId());
    await runInDurableObject(stub, (_, state) => body(new DurableSql(state.storage)));
  },
  25,
);
