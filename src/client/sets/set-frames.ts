/** The frames of a set's live connection, from the JSON they come in. */
import * as v from "valibot";
import { ProblemSchema } from "../../protocol/problem.ts";
import { ChangesFrameSchema, OpsAnswerSchema } from "../../protocol/sets.ts";
import type { Reading } from "../live/live-connection.ts";

const ResetFrameSchema = v.object({ type: v.literal("reset") });
/** The id is what the writer gave it; this client gives numbers. */
const IdSchema = v.nullable(v.number());
const AckFrameSchema = v.object({ ...OpsAnswerSchema.entries, type: v.literal("ack"), id: IdSchema });
const ErrorFrameSchema = v.object({
  ...v.omit(ProblemSchema, ["type"]).entries,
  type: v.literal("error"),
  id: v.optional(IdSchema, null),
});

const SetFrameSchema = v.variant("type", [ChangesFrameSchema, ResetFrameSchema, AckFrameSchema, ErrorFrameSchema]);

export type SetFrame = v.InferOutput<typeof SetFrameSchema>;
export type ChangesFrame = Extract<SetFrame, { type: "changes" }>;
export type AckFrame = Extract<SetFrame, { type: "ack" }>;
export type ErrorFrame = Extract<SetFrame, { type: "error" }>;

const TypeSchema = v.object({ type: v.string() });
const knownTypes: ReadonlySet<string> = new Set(["changes", "reset", "ack", "error"]);

export function readSetFrame(json: unknown): Reading<SetFrame> {
  const typed = v.safeParse(TypeSchema, json);
  if (!typed.success) return { kind: "garbled" };
  if (!knownTypes.has(typed.output.type)) return { kind: "unknown" };
  const parsed = v.safeParse(SetFrameSchema, json);
  if (!parsed.success) return { kind: "garbled" };
  const frame = parsed.output;
  if (frame.type === "changes") return { kind: "frame", frame, offset: frame.offset, more: frame.more };
  return frame.type === "reset" ? { kind: "reset", frame } : { kind: "message", frame };
}
