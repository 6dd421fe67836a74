/** The SQL store on the SQLite of a Durable Object, where it runs in earnest. */
import { env, runInDurableObject } from "cloudflare:test";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import { describeSqlStreamStore } from "../../core/streams/sql-stream-store-contract.ts";

describeSqlStreamStore(
  "on a Durable Object's SQLite",
  async (body) => {
    const { STREAMS } = env;
    // Any object has a database; this one was never written.
    const stub = STREAMS.get(STREAMS.newUniqueId());
    await runInDurableObject(stub, (_, state) => body(new DurableSql(state.storage)));
  },
  25,
);
