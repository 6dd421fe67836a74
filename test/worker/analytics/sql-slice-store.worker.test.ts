/** The SQL store on the SQLite of a Durable Object, where it runs in earnest. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import { describeSqlSliceStore } from "../../core/analytics/sql-slice-store-contract.ts";

describeSqlSliceStore(
  "on a Durable Object's SQLite",
  async (body) => {
    // Any object has a database; this one was never written.
    const stub = env.SLICES.get(env.SLICES.newUniqueId());
    await runInDurableObject(stub, (_, state) => body(new DurableSql(state.storage)));
  },
  25,
);
