/** The SQL store on Node's SQLite. */
import { onNodeSql } from "../../support/node-sql.ts";
import { describeSqlSetStore } from "./sql-set-store-contract.ts";

describeSqlSetStore("on Node's SQLite", onNodeSql, 100);
