/** The frames of a live count, from the JSON they come in. */
import { CountFrameSchema } from "../../protocol/counters.ts";
import { ResetFrameSchema } from "../../protocol/live.ts";
import { frameReader } from "../live/frame-reader.ts";
import type { FrameOf } from "../live/frame-reader.ts";

const schemas = { count: CountFrameSchema, reset: ResetFrameSchema };

export type CountingFrame = FrameOf<typeof schemas>;

export const readCountFrame = frameReader(schemas, (frame) => {
  if (frame.type === "reset") return { kind: "reset", frame };
  return { kind: "frame", frame, offset: frame.offset, more: false };
});
