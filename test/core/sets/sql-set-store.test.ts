/** The SQL store on Node's SQLite. */
import { NodeSql } from "../../support/node-sql.ts";
import { describeSqlSetStore } from "./sql-set-store-contract.ts";

describeSqlSetStore(
  "on Node's SQLite",
  (body) => {
    const sql = new NodeSql();
    try {
      body(sql);
    } finally {
      sql.close();
    }
  },
  100,
);
