/** A Worker whose objects count items as a tenant does, and tell what their database read and wrote for it. */
import { DurableObject } from "cloudflare:workers";
import { ItemCounter } from "../../../src/core/counters/item-counter.ts";
import { SqlItemStore } from "../../../src/worker/counters/item-sql-store.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../../../src/worker/sql/sql-database.ts";

interface Env {
  readonly TENANTS: DurableObjectNamespace<MeasuredTenant>;
}

/** As `DurableSql`, and adds up the rows. */
class MeasuredSql implements SqlDatabase {
  readonly #storage: DurableObjectStorage;
  rowsRead = 0;
  rowsWritten = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  all(statement: string, ...bindings: readonly SqlValue[]): readonly SqlRow[] {
    const cursor = this.#storage.sql.exec<Record<string, SqlValue>>(statement, ...bindings);
    const rows = cursor.toArray();
    this.rowsRead += cursor.rowsRead;
    this.rowsWritten += cursor.rowsWritten;
    return rows;
  }

  transaction(body: () => void): void {
    this.#storage.transactionSync(body);
  }
}

export class MeasuredTenant extends DurableObject<Env> {
  readonly #sql = new MeasuredSql(this.ctx.storage);
  readonly #counter = new ItemCounter(new SqlItemStore(this.#sql));

  /** `RowCost` of row-cost.ts. */
  observe(ids: readonly string[]): Readonly<Record<"rowsRead" | "rowsWritten" | "bytes" | "count", number>> {
    const { rowsRead, rowsWritten } = this.#sql;
    this.#counter.observe(ids, Date.now(), () => "e");
    return {
      rowsRead: this.#sql.rowsRead - rowsRead,
      rowsWritten: this.#sql.rowsWritten - rowsWritten,
      bytes: this.ctx.storage.sql.databaseSize,
      count: this.#counter.state().count,
    };
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const ids = await request.json<string[]>();
    return Response.json(await env.TENANTS.getByName(new URL(request.url).pathname).observe(ids));
  },
} satisfies ExportedHandler<Env>;
