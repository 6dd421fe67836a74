/** What goes over the wire for counters: items, verdicts, counts and frames. Shapes as in docs/protocol.md. */
import * as v from "valibot";
import { batchOf, oneOrBatchOf } from "./batch.ts";
import { ItemIdSchema, OffsetTextSchema, TenantSchema } from "./names.ts";

/** Something that was seen once at least; it counts once for its tenant however often it comes. */
export const ItemSchema = v.object({ id: ItemIdSchema, tenant: TenantSchema });
export type Item = v.InferOutput<typeof ItemSchema>;

/** An array, or one item by itself. */
export const ItemsBodySchema = oneOrBatchOf(ItemSchema);

export const ItemVerdictSchema = v.picklist(["new", "duplicate"]);

export const ItemsAnswerSchema = v.object({
  status: v.literal("success"),
  new: v.number(),
  duplicates: v.number(),
  /** One for each item, in their order; on request. */
  verdicts: v.optional(v.array(ItemVerdictSchema)),
});
export type ItemsAnswer = v.InferOutput<typeof ItemsAnswerSchema>;

export const CountAnswerSchema = v.object({ count: v.number() });
export type CountAnswer = v.InferOutput<typeof CountAnswerSchema>;

export const CountedAnswerSchema = v.object({
  counted: v.boolean(),
  /** When, in milliseconds since the Unix epoch. */
  at: v.nullable(v.number()),
});
export type CountedAnswer = v.InferOutput<typeof CountedAnswerSchema>;

/** The tenant's count as of `offset`; whatever the viewer knew before is replaced by it. */
export const CountFrameSchema = v.object({
  type: v.literal("count"),
  tenant: v.string(),
  count: v.number(),
  offset: OffsetTextSchema,
});
export type CountFrame = v.InferOutput<typeof CountFrameSchema>;

/** The body of a `write` frame: the socket belongs to one tenant, so its items need no other name. */
export const ItemsFrameSchema = v.object({ ids: batchOf(ItemIdSchema) });

export const TenantParamsSchema = v.object({ tenant: TenantSchema });
export const TenantItemParamsSchema = v.object({ tenant: TenantSchema, id: ItemIdSchema });

export const ItemsQuerySchema = v.object({
  verdicts: v.optional(
    v.pipe(
      v.picklist(["true", "false"], 'must be "true" or "false"'),
      v.description("whether to answer with the verdict of each item"),
    ),
  ),
});
