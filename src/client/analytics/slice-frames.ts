/** The frames of a live slice, from the JSON they come in. */
import { SliceFrameSchema } from "../../protocol/analytics.ts";
import { frameReader } from "../live/frame-reader.ts";

export const readSliceFrame = frameReader({ slice: SliceFrameSchema }, (frame) => {
  const offset = `${Date.parse(frame.slice)}:${frame.clicks + frame.impressions}`;
  return { kind: "frame", frame, offset, more: false };
});
