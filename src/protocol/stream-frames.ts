/** The messages on the sockets of streams: of users, sources and gateways. Order on a socket is meaning. */
import * as v from "valibot";
import { batchOf } from "./batch.ts";
import { limits } from "./limits.ts";
import { StreamUserSchema } from "./names.ts";

/** What a user is told, and how far the user then is. `events` are the lines, byte for byte; there may be none. */
export const EventsFrameSchema = v.object({
  type: v.literal("events"),
  cursor: v.number(),
  events: v.array(v.string()),
});
export type EventsFrame = v.InferOutput<typeof EventsFrameSchema>;

/** Numbers that never came, both ends included: whatever they were, nobody was told. */
export const GapFrameSchema = v.object({ type: v.literal("gap"), from: v.number(), to: v.number() });
export type GapFrame = v.InferOutput<typeof GapFrameSchema>;

/** How a source stands; all numbers but `cursor` and `buffered` are this source's, counted since it connected. */
const ackEntries = {
  cursor: v.number(),
  buffered: v.number(),
  /** Every line taken so far that was not empty; all of them are committed. */
  lines: v.number(),
  duplicates: v.number(),
  dead_letters: v.number(),
  /** How many lines beyond `lines` may be sent. */
  credit: v.number(),
};

export type AckFigures = Omit<SourceAck, "type">;

/** To a source, at once and after each commit. */
export const SourceAckSchema = v.object({ type: v.literal("ack"), ...ackEntries });
export type SourceAck = v.InferOutput<typeof SourceAckSchema>;

/** What a gateway names a connection of its own with. */
const ConnectionIdSchema = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be an integer"),
  v.minValue(0, "must not be negative"),
);

const JoinSchema = v.object({
  id: ConnectionIdSchema,
  user: StreamUserSchema,
  /** The user is told what came after this number; without it, what comes from now on. */
  since: v.optional(ConnectionIdSchema),
});

/** From a gateway. */
export const GatewayMessageSchema = v.variant("type", [
  v.object({
    type: v.literal("join"),
    users: batchOf(JoinSchema, limits.streamUsersMax, "users"),
  }),
  v.object({ type: v.literal("leave"), ids: batchOf(ConnectionIdSchema, limits.streamUsersMax, "ids") }),
  v.object({ type: v.literal("source"), id: ConnectionIdSchema }),
  v.object({ type: v.literal("lines"), id: ConnectionIdSchema, lines: v.string() }),
  v.object({ type: v.literal("end"), id: ConnectionIdSchema }),
  v.object({ type: v.literal("seen") }),
]);
export type GatewayMessage = v.InferOutput<typeof GatewayMessageSchema>;
export type GatewayMessageInput = v.InferInput<typeof GatewayMessageSchema>;
export type GatewayJoin = v.InferOutput<typeof JoinSchema>;

/** To a gateway. */
export const GatewayFrameSchema = v.variant("type", [
  v.object({ type: v.literal("ack"), id: v.number(), ...ackEntries }),
  v.object({ type: v.literal("ended"), id: v.number(), ...ackEntries }),
  v.object({
    type: v.literal("refused"),
    what: v.picklist(["source", "user"]),
    id: v.number(),
    code: v.string(),
    detail: v.string(),
  }),
  v.object({ type: v.literal("joined"), ids: v.array(v.number()), cursor: v.number() }),
  v.object({
    type: v.literal("events"),
    cursor: v.number(),
    events: v.array(v.string()),
    /** The connections that get each event; null: every one that has joined on this socket. */
    to: v.array(v.nullable(v.array(v.number()))),
    /** Then the frame is a replay for these connections, which have not joined yet: the cursor is theirs alone. */
    replay: v.optional(v.array(v.number())),
  }),
  GapFrameSchema,
  v.object({ type: v.literal("reset") }),
]);
export type GatewayFrame = v.InferOutput<typeof GatewayFrameSchema>;
