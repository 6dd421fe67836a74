/** The SQL store on Node's SQLite. */
import { onNodeSql } from "../../support/node-sql.ts";
import { describeSqlStreamStore } from "./sql-stream-store-contract.ts";

describeSqlStreamStore("on Node's SQLite", onNodeSql, 100);
