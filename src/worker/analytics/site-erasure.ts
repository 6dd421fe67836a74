/**
 * Erases a site: every shard of every slice in the catalogue, each slice's line in the catalogue after its shards, and in the
 * end the site's own database with the mark that it is being erased. So at any moment the catalogue lists all that is
 * left, and whoever goes on after a crash finds it. While the mark is there no claim is granted, so nothing new comes.
 */
import { inLanes, Rests } from "../lanes.ts";
import type { SqlDatabase } from "../sql/sql-database.ts";
import type { SliceCatalogue } from "./slice-catalogue.ts";

/** Shards in one call, so that it ends before whoever waits for it gives up. */
export const ERASED_SHARDS_MAX = 400;
const PAGE_SLICES = 50;
const LANES_MAX = 16;

const IS_MARKED = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'erasing'";
const MARK = "CREATE TABLE IF NOT EXISTS erasing (id INTEGER PRIMARY KEY) STRICT";

/** Whether an erasure was begun and is not complete. */
export function isErasing(sql: SqlDatabase): boolean {
  return sql.all(IS_MARKED).length > 0;
}

export function markErasing(sql: SqlDatabase): void {
  sql.all(MARK);
}

/**
 * @param eraseShard leaves nothing of a shard, also if there was nothing
 * @returns whether the catalogue is empty now
 */
export async function eraseSlices(
  catalogue: SliceCatalogue,
  eraseShard: (start: number, shard: number) => Promise<void>,
  shardsMax = ERASED_SHARDS_MAX,
): Promise<boolean> {
  const rests = new Rests();
  for (let erased = 0; ;) {
    const slices = catalogue.slices(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, PAGE_SLICES);
    if (slices.length === 0) return true;
    for (const { claim, shards } of slices) {
      if (erased >= shardsMax) return false;
      await inLanes(shards, LANES_MAX, (shard) => eraseShard(claim.start, shard));
      catalogue.remove(claim.start);
      erased += shards.length;
      await rests.take();
    }
  }
}
