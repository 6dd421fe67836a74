/** The SQL store on Node's SQLite. */
import { onNodeSql } from "../../support/node-sql.ts";
import { describeSqlItemStore } from "./sql-item-store-contract.ts";

describeSqlItemStore("on Node's SQLite", onNodeSql, 100);
