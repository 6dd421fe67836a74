/** What goes over the wire for sets: options, operations, pages and frames. Shapes as in docs/protocol.md. */
import * as v from "valibot";
import { DEFAULT_SET_OPTIONS } from "../core/sets/lww-set.ts";
import { batchOf } from "./batch.ts";
import { limits } from "./limits.ts";
import {
  ElementSchema,
  OffsetTextSchema,
  queryInteger,
  SetIdSchema,
  TimestampMsSchema,
  wholeNumberOf,
} from "./names.ts";

export const OpSchema = v.picklist(["add", "remove"], 'must be "add" or "remove"');

const DurationMsSchema = wholeNumberOf("milliseconds", limits.timestampMsMax);

/** Unknown keys are refused: an option that is misspelt would otherwise be fixed for the set's life. */
export const SetOptionsSchema = v.strictObject({
  bias: v.optional(OpSchema, DEFAULT_SET_OPTIONS.bias),
  max_skew_ms: v.optional(DurationMsSchema, DEFAULT_SET_OPTIONS.maxSkewMs),
  tombstone_retention_ms: v.optional(v.nullable(DurationMsSchema), DEFAULT_SET_OPTIONS.tombstoneRetentionMs),
});
export type SetOptionsBody = v.InferInput<typeof SetOptionsSchema>;
export type SetOptionsAnswer = v.InferOutput<typeof SetOptionsSchema>;

export const OpEntrySchema = v.object({
  op: OpSchema,
  element: ElementSchema,
  timestamp: v.optional(TimestampMsSchema),
});

export const OpsBodySchema = v.object({
  ops: batchOf(OpEntrySchema),
});

export const VerdictSchema = v.picklist(["applied", "superseded", "future", "expired"]);

/** The proof of a state, carried by every answer and frame. */
const proofEntries = {
  offset: OffsetTextSchema,
  size: v.number(),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
};

export const OpsAnswerSchema = v.object({ ...proofEntries, verdicts: v.array(VerdictSchema) });
export type OpsAnswer = v.InferOutput<typeof OpsAnswerSchema>;

export const ElementAnswerSchema = v.object({ present: v.boolean(), timestamp: v.nullable(v.number()) });
export type ElementAnswer = v.InferOutput<typeof ElementAnswerSchema>;

export const ElementsAnswerSchema = v.object({
  ...proofEntries,
  elements: v.array(v.string()),
  cursor: v.nullable(v.string()),
});
export type ElementsAnswer = v.InferOutput<typeof ElementsAnswerSchema>;

export const ChangeSchema = v.object({ element: v.string(), op: OpSchema, timestamp: v.number() });

const changesEntries = { ...proofEntries, changes: v.array(ChangeSchema), more: v.boolean() };

export const ChangesAnswerSchema = v.object(changesEntries);
export type ChangesAnswer = v.InferOutput<typeof ChangesAnswerSchema>;

/** Brings a viewer from the offset it holds to the frame's. */
export const ChangesFrameSchema = v.object({ type: v.literal("changes"), ...changesEntries });
export type ChangesFrame = v.InferOutput<typeof ChangesFrameSchema>;

export const SetParamsSchema = v.object({ set: SetIdSchema });
export const SetElementParamsSchema = v.object({ set: SetIdSchema, element: ElementSchema });

const limitQuery = v.optional(queryInteger(1, limits.pageRowsMax, "rows in the page"));

export const StampQuerySchema = v.object({
  timestamp: v.optional(queryInteger(0, limits.timestampMsMax, "milliseconds since the Unix epoch")),
});
export const ElementsQuerySchema = v.object({ limit: limitQuery, cursor: v.optional(ElementSchema) });
export const ChangesQuerySchema = v.object({
  since: v.optional(OffsetTextSchema),
  limit: limitQuery,
  wait: v.optional(queryInteger(0, limits.waitMsMax, "milliseconds to wait for a change")),
});
