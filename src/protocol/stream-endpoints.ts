/** The routes of streams, a part of the endpoints table. */
import type { Endpoint } from "./endpoint.ts";
import { EventsFrameSchema, GatewayFrameSchema, SourceAckSchema } from "./stream-frames.ts";
import * as streams from "./streams.ts";

const readsStream = { kind: "scope", feature: "streams", action: "read" } as const;
const writesStream = { kind: "scope", feature: "streams", action: "write" } as const;
const feedsStream = { kind: "scope", feature: "streams", action: "source" } as const;
const followsUser = { kind: "scope", feature: "streams", action: "follow" } as const;
/** A gateway sends the lines of sources and sees those of any user. */
const feedsAndReadsStream = { ...feedsStream, also: "read" } as const;

export const streamEndpoints = {
  streamOptions: {
    method: "PUT",
    path: "/streams/:stream",
    summary: "Create a stream, or change its options",
    access: writesStream,
    params: streams.StreamParamsSchema,
    body: { schema: streams.StreamOptionsBodySchema, optional: true },
    answers: {
      200: { description: "It existed; the options from now on", schema: streams.StreamOptionsSchema },
      201: { description: "Created", schema: streams.StreamOptionsSchema },
    },
  },
  streamStatus: {
    method: "GET",
    path: "/streams/:stream",
    summary: "How far the stream is, what blocks it, who is connected, and its options",
    access: readsStream,
    params: streams.StreamParamsSchema,
    answers: { 200: { description: "Zeros for a stream never written", schema: streams.StatusAnswerSchema } },
  },
  streamErase: {
    method: "DELETE",
    path: "/streams/:stream",
    summary: "Erase the stream and close its connections",
    access: writesStream,
    params: streams.StreamParamsSchema,
    answers: { 204: { description: "Everything is gone" } },
  },
  streamIngest: {
    method: "POST",
    path: "/streams/:stream/events",
    summary: "Send lines of events, in any order",
    access: feedsStream,
    params: streams.StreamParamsSchema,
    body: { schema: streams.LinesBodySchema, text: true, optional: true },
    answers: { 200: { description: "Committed", schema: streams.IngestAnswerSchema } },
  },
  streamDeadLetters: {
    method: "GET",
    path: "/streams/:stream/dead-letters",
    summary: "Lines that were no events, or came too late; the newest 10,000 are kept",
    access: readsStream,
    params: streams.StreamParamsSchema,
    query: streams.DeadLettersQuerySchema,
    answers: { 200: { description: "A page, the oldest first", schema: streams.DeadLettersAnswerSchema } },
  },
  streamUserLive: {
    method: "GET",
    path: "/streams/:stream/users/:user/live",
    summary: "What a user is told, as it happens or from a sequence number on",
    access: followsUser,
    params: streams.StreamUserParamsSchema,
    query: streams.UserLiveQuerySchema,
    live: true,
    answers: {
      101: { description: "A WebSocket of frames, or of bare lines" },
      200: { description: "Frames or lines as events", schema: EventsFrameSchema, types: ["text/event-stream"] },
    },
  },
  streamSource: {
    method: "GET",
    path: "/streams/:stream/source",
    summary: "Send lines over a WebSocket, within the credit that acknowledgements give",
    access: feedsStream,
    params: streams.StreamParamsSchema,
    live: true,
    answers: { 101: { description: "A WebSocket of lines in, acknowledgements out", schema: SourceAckSchema } },
  },
  streamGateway: {
    method: "GET",
    path: "/streams/:stream/gateway",
    summary: "Many users and sources on one WebSocket",
    access: feedsAndReadsStream,
    params: streams.StreamParamsSchema,
    live: true,
    answers: { 101: { description: "A WebSocket of frames both ways", schema: GatewayFrameSchema } },
  },
} as const satisfies Readonly<Record<string, Endpoint>>;
