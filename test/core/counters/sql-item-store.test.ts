/** The SQL store on Node's SQLite. */
import { NodeSql } from "../../support/node-sql.ts";
import { describeSqlItemStore } from "./sql-item-store-contract.ts";

describeSqlItemStore(
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
