/**
 * How a thing comes to be known to the backups: its object tells the inventory before its first write, and remembers that
 * it did. Without a bucket nothing of this happens, and things that are older than the bucket tell with their next write.
 *
 * A write doesn't fail because the inventory can't be reached: then the next one tells.
 */
import type { ExportedFeature } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { logError } from "../log.ts";
import { callObject } from "../object-call.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import { inventoryOf, inventoryStub } from "./inventory-address.ts";

const IS_LISTED = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'listed'";
const UNNOTE = "DROP TABLE IF EXISTS listed";
const NOTE = "CREATE TABLE IF NOT EXISTS listed (id INTEGER PRIMARY KEY) STRICT";

export class Listing {
  readonly #env: Env;
  readonly #sql: SqlDatabase;
  readonly #feature: ExportedFeature;
  readonly #name: string;
  #isListed: boolean | undefined;

  constructor(env: Env, sql: SqlDatabase, feature: ExportedFeature, name: string) {
    this.#env = env;
    this.#sql = sql;
    this.#feature = feature;
    this.#name = name;
  }

  /** To be asked before each write; then {@link tell}. */
  get isDue(): boolean {
    if (this.#env.BACKUPS === undefined) return false;
    this.#isListed ??= this.#sql.all(IS_LISTED).length > 0;
    return !this.#isListed;
  }

  async tell(): Promise<void> {
    const stub = inventoryStub(this.#env, inventoryOf(this.#feature, this.#name));
    try {
      const told = await callObject(stub, (inventory) => inventory.list(this.#feature, this.#name));
      if (!told.ok) return;
      this.#sql.all(NOTE);
      this.#isListed = true;
    } catch (error) {
      logError(error);
    }
  }

  /** There is nothing here, so whoever asked may take it off the list; what is written later tells again. */
  unlist(): void {
    if (this.#env.BACKUPS === undefined || this.isDue) return;
    this.#sql.all(UNNOTE);
    this.forget();
  }

  /** Everything in the object was erased; what is written next is another thing. */
  forget(): void {
    this.#isListed = undefined;
  }
}
