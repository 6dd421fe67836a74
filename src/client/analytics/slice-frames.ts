/** The frames of a live slice, from the JSON they come in. */
import { SliceFrameSchema } from "../../protocol/analytics.ts";
import { ResetFrameSchema } from "../../protocol/live.ts";
import { frameReader } from "../live/frame-reader.ts";
import type { FrameOf } from "../live/frame-reader.ts";

const schemas = { slice: SliceFrameSchema, reset: ResetFrameSchema };

export type FollowingFrame = FrameOf<typeof schemas>;

export const readSliceFrame = frameReader(schemas, (frame) => {
  if (frame.type === "reset") return { kind: "reset", frame };
  const offset = `${Date.parse(frame.slice)}:${frame.clicks + frame.impressions}`;
  return { kind: "frame", frame, offset, more: false };
});
