/** Which inventory object lists a thing. */
import { shardOf } from "../../core/analytics/shard.ts";
import type { ExportedFeature } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import type { InventoryCalls } from "./inventory-object.ts";

/** Each is told of its share of the things, once each. The number can't change without listing everything anew. */
export const INVENTORY_SHARDS = 16;

export function inventoryOf(feature: ExportedFeature, name: string): number {
  return shardOf(`${feature}\n${name}`, INVENTORY_SHARDS);
}

export function inventoryStub(env: Env, shard: number): () => InventoryCalls {
  return () => env.INVENTORY.getByName(`inventory ${shard}`);
}
