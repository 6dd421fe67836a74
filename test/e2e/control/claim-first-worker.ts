/**
 * A control: the Worker as it is, but for tenants that claim an id in one transaction and count it in the next, which is
 * how one would do it with a cache of seen ids and a counter. Whoever dies in between has claimed what it never counts.
 */
import { DurableObject } from "cloudflare:workers";
import { distinct } from "../../../src/core/counters/distinct.ts";
import type { Verdict } from "../../../src/core/counters/distinct.ts";
import type { Env } from "../../../src/worker/env.ts";
import { handle } from "../../../src/worker/serve.ts";

/** Long enough for the first transaction to be on disk, as any call to another service would be. */
const BETWEEN_MS = 5;

export class TenantObject extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS claimed (id TEXT PRIMARY KEY) WITHOUT ROWID");
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY, count INTEGER NOT NULL)");
    ctx.storage.sql.exec("INSERT OR IGNORE INTO counter VALUES (1, 0)");
  }

  async observe(ids: readonly string[]): Promise<readonly Verdict[]> {
    const { verdicts, fresh } = distinct((id) => this.#isClaimed(id), ids);
    for (const id of fresh) this.ctx.storage.sql.exec("INSERT INTO claimed VALUES (?)", id);
    await scheduler.wait(BETWEEN_MS);
    this.ctx.storage.sql.exec("UPDATE counter SET count = count + ?", fresh.length);
    return verdicts;
  }

  async count(): Promise<{ readonly count: number }> {
    return { count: this.ctx.storage.sql.exec<{ count: number }>("SELECT count FROM counter").one().count };
  }

  async counted(id: string): Promise<{ readonly counted: boolean; readonly at: null }> {
    return { counted: this.#isClaimed(id), at: null };
  }

  #isClaimed(id: string): boolean {
    return this.ctx.storage.sql.exec("SELECT 1 FROM claimed WHERE id = ?", id).toArray().length > 0;
  }
}

export { SetObject } from "../../../src/worker/sets/set-object.ts";

export default { fetch: handle } satisfies ExportedHandler<Env>;
