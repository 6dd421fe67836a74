/** The frames of a set's live connection, from the JSON they come in. */
import * as v from "valibot";
import { ResetFrameSchema } from "../../protocol/live.ts";
import { ProblemSchema } from "../../protocol/problem.ts";
import { ChangesFrameSchema, OpsAnswerSchema } from "../../protocol/sets.ts";
import { frameReader } from "../live/frame-reader.ts";
import type { FrameOf } from "../live/frame-reader.ts";

/** The id is what the writer gave it; this client gives numbers. */
const IdSchema = v.nullable(v.number());
const AckFrameSchema = v.object({ ...OpsAnswerSchema.entries, type: v.literal("ack"), id: IdSchema });
const ErrorFrameSchema = v.object({
  ...v.omit(ProblemSchema, ["type"]).entries,
  type: v.literal("error"),
  id: v.optional(IdSchema, null),
});

const schemas = {
  changes: ChangesFrameSchema,
  reset: ResetFrameSchema,
  ack: AckFrameSchema,
  error: ErrorFrameSchema,
};

export type SetFrame = FrameOf<typeof schemas>;
export type ChangesFrame = Extract<SetFrame, { type: "changes" }>;
export type AckFrame = Extract<SetFrame, { type: "ack" }>;
export type ErrorFrame = Extract<SetFrame, { type: "error" }>;

export const readSetFrame = frameReader(schemas, (frame) => {
  if (frame.type === "changes") return { kind: "frame", frame, offset: frame.offset, more: frame.more };
  return frame.type === "reset" ? { kind: "reset", frame } : { kind: "message", frame };
});
