/**
 * The object that knows of a share of all things that they exist, and writes them to the bucket when it is told to. It works
 * in its alarm, a bounded number of pages each time, so that a backup is bounded by nothing but time and goes on after a
 * crash where it was.
 */
import { DurableObject } from "cloudflare:workers";
import type { ExportedFeature } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { DurableSql } from "../sql/durable-sql.ts";
import { reportOf, stepBackup } from "./back-up.ts";
import { reportKey } from "./backup-keys.ts";
import { exportPageOf } from "./export-sources.ts";
import { InventoryStore } from "./inventory-store.ts";

export type InventoryCalls = Pick<InventoryObject, "list" | "beginBackup">;

/** Pages of one alarm. The platform bounds the calls and the time of one. */
const STEPS_MAX = 50;
const AGAIN_MS = 5_000;

export class InventoryObject extends DurableObject<Env> {
  readonly #store: InventoryStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new InventoryStore(new DurableSql(ctx.storage));
  }

  /** A thing is about to be written for the first time. */
  async list(feature: ExportedFeature, name: string): Promise<void> {
    this.#store.list({ feature, name });
  }

  /** Begins to back up everything that is listed here. Answers the run that is under way, which may be an earlier one. */
  async beginBackup(run: string, shard: number): Promise<string> {
    const underWay = this.#store.run();
    if (underWay === undefined) {
      const nothing = { thing: undefined, isOpen: false, cursor: null, parts: 0, tries: 0, saved: 0, failed: 0 };
      this.#store.keepRun({ run, shard, ...nothing });
    }
    await this.ctx.storage.setAlarm(Date.now());
    return underWay?.run ?? run;
  }

  override async alarm(): Promise<void> {
    const { BACKUPS: bucket } = this.env;
    if (bucket === undefined) return;
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const run = this.#store.run();
      if (run === undefined) return;
      const exportPage = (thing: Parameters<typeof exportPageOf>[1], cursor: string | undefined) =>
        exportPageOf(this.env, thing, cursor);
      const outcome = await stepBackup(this.#store, run, { bucket, exportPage });
      if (outcome === "done") {
        await bucket.put(reportKey(run.run, run.shard), JSON.stringify(reportOf(run, Date.now())));
        this.#store.endRun();
        return;
      }
      if (outcome === "again") return this.ctx.storage.setAlarm(Date.now() + AGAIN_MS);
    }
    await this.ctx.storage.setAlarm(Date.now());
  }
}
