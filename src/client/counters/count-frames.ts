/** The frames of a live count, from the JSON they come in. */
import * as v from "valibot";
import { CountFrameSchema } from "../../protocol/counters.ts";
import type { Reading } from "../live/live-connection.ts";

const ResetFrameSchema = v.object({ type: v.literal("reset") });
const CountingFrameSchema = v.variant("type", [CountFrameSchema, ResetFrameSchema]);

export type CountingFrame = v.InferOutput<typeof CountingFrameSchema>;

const TypeSchema = v.object({ type: v.string() });

export function readCountFrame(json: unknown): Reading<CountingFrame> {
  const typed = v.safeParse(TypeSchema, json);
  if (!typed.success) return { kind: "garbled" };
  if (typed.output.type !== "count" && typed.output.type !== "reset") return { kind: "unknown" };
  const parsed = v.safeParse(CountingFrameSchema, json);
  if (!parsed.success) return { kind: "garbled" };
  const frame = parsed.output;
  if (frame.type === "reset") return { kind: "reset", frame };
  return { kind: "frame", frame, offset: frame.offset, more: false };
}
