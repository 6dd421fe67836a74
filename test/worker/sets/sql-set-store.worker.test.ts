/** The SQL store on the SQLite of a Durable Object, where it runs in earnest. */
import { env, runInDurableObject } from "cloudflare:test";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import { describeSqlSetStore } from "../../core/sets/sql-set-store-contract.ts";

describeSqlSetStore(
  "on a Durable Object's SQLite",
  async (body) => {
    const { SETS } = env;
    // Any object has a database; this one was never written.
    const stub = SETS.get(SETS.newUniqueId());
    await runInDurableObject(stub, (_, state) => body(new DurableSql(state.storage)));
  },
  25,
);
