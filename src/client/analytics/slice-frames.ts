/** The frames of a live slice, from the JSON they come in. */
import * as v from "valibot";
import { SliceFrameSchema } from "../../protocol/analytics.ts";
import type { SliceFrame } from "../../protocol/analytics.ts";
import type { Reading } from "../live/live-connection.ts";

const TypeSchema = v.object({ type: v.string() });

export function readSliceFrame(json: unknown): Reading<SliceFrame> {
  const typed = v.safeParse(TypeSchema, json);
  if (!typed.success) return { kind: "garbled" };
  if (typed.output.type !== "slice") return { kind: "unknown" };
  const parsed = v.safeParse(SliceFrameSchema, json);
  if (!parsed.success) return { kind: "garbled" };
  const frame = parsed.output;
  const offset = `${Date.parse(frame.slice)}:${frame.clicks + frame.impressions}`;
  return { kind: "frame", frame, offset, more: false };
}
