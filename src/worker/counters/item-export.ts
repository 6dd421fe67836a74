/**
 * Reads a tenant's items for an export, in the order of their ids. What was counted before the export began is in it; of what
 * is counted meanwhile, what comes before the place where the export stands is not, and the end says how many those are.
 */
import * as v from "valibot";
import { parseOffset } from "../../core/offset.ts";
import type { ItemsState } from "../../protocol/item-transfer.ts";
import { ItemIdSchema, OffsetTextSchema } from "../../protocol/names.ts";
import type { Tenant } from "../../protocol/names.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import { CountSchema } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { callObject } from "../object-call.ts";
import type { ExportSource } from "../transfer/export-source.ts";
import { tenantStub } from "./tenant-calls.ts";

const PAGE_ROWS = 5_000;

const PositionSchema = v.object({
  /** Of the tenant when the export began: it tells an erasure. */
  began: OffsetTextSchema,
  /** The id read last; none at the beginning. */
  after: v.union([v.literal(""), ItemIdSchema]),
  /** How many were read. */
  read: CountSchema,
});
type Position = v.InferOutput<typeof PositionSchema>;

export function itemExport(env: Env, tenant: Tenant): ExportSource<Position> {
  const stub = tenantStub(env, tenant);
  return {
    feature: "items",
    name: tenant,
    position: PositionSchema,

    async begin() {
      const state = await callObject(stub, (object) => object.exportState());
      if (!state.ok) return state;
      const { count, offset } = state.value;
      if (count === 0) return refuse("not_found", "This tenant has no items: there is nothing to export.");
      return succeed({ header: { count }, position: { began: offset, after: "", read: 0 } });
    },

    async read({ began, after, read }) {
      const page = await callObject(stub, (object) => object.exportPage(after, PAGE_ROWS));
      if (!page.ok) return page;
      const { items: records, count, offset } = page.value;
      if (parseOffset(offset)?.epoch !== parseOffset(began)?.epoch) {
        return refuse("offset_gone", "This tenant was erased since the export began. Begin anew.");
      }
      const sum = read + records.length;
      const last = records.at(-1);
      if (last !== undefined && records.length === PAGE_ROWS) {
        const position: Position = { began, after: last.id, read: sum };
        return succeed({ records, next: { kind: "more", position, done: Math.min(1, sum / count) } });
      }
      const state: ItemsState = { count: sum, missed: count - sum };
      return succeed({ records, next: { kind: "end", state } });
    },
  };
}
