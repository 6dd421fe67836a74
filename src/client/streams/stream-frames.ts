/** The frames of streams' sockets, from the JSON they come in. Where to resume is a sequence number, as text. */
import * as v from "valibot";
import { ResetFrameSchema } from "../../protocol/live.ts";
import {
  EventsFrameSchema,
  GapFrameSchema,
  GatewayFrameSchema,
  SourceAckSchema,
} from "../../protocol/stream-frames.ts";
import type { GatewayFrame } from "../../protocol/stream-frames.ts";
import { frameReader } from "../live/frame-reader.ts";
import type { FrameOf } from "../live/frame-reader.ts";
import type { Reading } from "../live/live-connection.ts";

const userSchemas = { events: EventsFrameSchema, gap: GapFrameSchema, reset: ResetFrameSchema };

export type UserFrame = FrameOf<typeof userSchemas>;

export const readUserFrame = frameReader(userSchemas, (frame): Reading<UserFrame> => {
  if (frame.type === "reset") return { kind: "reset", frame };
  // A gap comes in order, so whoever was told of it has everything before it.
  const offset = frame.type === "gap" ? frame.to : frame.cursor;
  return { kind: "frame", frame, offset: String(offset), more: false };
});

const sourceSchemas = { ack: SourceAckSchema, reset: ResetFrameSchema };

export type SourceFrame = FrameOf<typeof sourceSchemas>;

export const readSourceFrame = frameReader(sourceSchemas, (frame): Reading<SourceFrame> => {
  if (frame.type === "reset") return { kind: "reset", frame };
  return { kind: "frame", frame, offset: String(frame.cursor), more: false };
});

type EventsFrame = Extract<GatewayFrame, { readonly type: "events" }>;

/** Every message counts as a frame, since each wants a sign of life in return. Where to resume is each user's own affair. */
export function readGatewayFrame(json: unknown): Reading<GatewayFrame> {
  if (isEventsFrame(json)) return { kind: "frame", frame: json, offset: "", more: false };
  const known = v.safeParse(TypedSchema, json);
  if (!known.success) return { kind: "garbled" };
  if (!GATEWAY_TYPES.has(known.output.type)) return { kind: "unknown" };
  const parsed = v.safeParse(GatewayFrameSchema, json);
  if (!parsed.success) return { kind: "garbled" };
  const frame = parsed.output;
  return frame.type === "reset" ? { kind: "reset", frame } : { kind: "frame", frame, offset: "", more: false };
}

const TypedSchema = v.object({ type: v.string() });
const GATEWAY_TYPES: ReadonlySet<string> = new Set<GatewayFrame["type"]>([
  "ack",
  "ended",
  "refused",
  "joined",
  "events",
  "gap",
  "reset",
]);

/** Looked at only so far: there may be a million entries a second, and each is used in a way that any value survives. */
function isEventsFrame(json: unknown): json is EventsFrame {
  if (typeof json !== "object" || json === null) return false;
  const { type, cursor, events, to, replay } = json as Partial<Record<string, unknown>>;
  const isWhole = Array.isArray(events) && Array.isArray(to) && events.length === to.length;
  return type === "events" && isWhole && typeof cursor === "number" && (replay === undefined || Array.isArray(replay));
}
