/** The routes of streams: from a checked call to the stream's object and back. */
import { countLines } from "../../core/streams/line.ts";
import { limits } from "../../protocol/limits.ts";
import type { StreamId } from "../../protocol/names.ts";
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Env } from "../env.ts";
import type { Handlers } from "../handler.ts";
import { callObject } from "../object-call.ts";
import { jsonAnswer, jsonResponse } from "../respond.ts";
import type { StreamCalls } from "./stream-object.ts";

export const streamHandlers: Handlers<
  | "streamOptions"
  | "streamStatus"
  | "streamErase"
  | "streamIngest"
  | "streamDeadLetters"
  | "streamUserLive"
  | "streamSource"
  | "streamGateway"
> = {
  streamOptions: async ({ request, env, params, body }) => {
    const called = await callObject(streamStub(env, params.stream), (stub) => stub.configure(body));
    const configured = called.ok ? called.value : called;
    if (!configured.ok) return configured;
    const { isNew, options } = configured.value;
    return succeed(jsonResponse(request, options, isNew ? 201 : 200));
  },

  streamStatus: async ({ request, env, params }) => {
    return jsonAnswer(request, await callObject(streamStub(env, params.stream), (stub) => stub.status()));
  },

  streamIngest: async ({ request, env, params, body }) => {
    if (countLines(body) > limits.streamLinesMax) {
      return refuseField("body", `must hold at most ${limits.streamLinesMax} lines`, "payload_too_large");
    }
    const taken = await callObject(streamStub(env, params.stream), (stub) => stub.ingest(body));
    return jsonAnswer(request, taken.ok ? taken.value : taken);
  },

  streamDeadLetters: async ({ request, env, params, query }) => {
    const { since = 0, limit = limits.pageRowsDefault } = query;
    const called = await callObject(streamStub(env, params.stream), (stub) => stub.deadLetters(since, limit));
    return jsonAnswer(request, called);
  },

  streamErase: async ({ env, params }) => {
    const erased = await callObject(streamStub(env, params.stream), (stub) => stub.erase());
    return erased.ok ? succeed(new Response(null, { status: 204 })) : erased;
  },

  streamUserLive: async ({ request, env, params }) => {
    return callObject(streamStub(env, params.stream), (stub) => stub.fetch(request));
  },

  streamSource: async ({ request, env, params }) => {
    return callObject(streamStub(env, params.stream), (stub) => stub.fetch(request));
  },

  streamGateway: async ({ request, env, params }) => {
    return callObject(streamStub(env, params.stream), (stub) => stub.fetch(request));
  },
};

/** The object that holds `stream`. */
function streamStub(env: Env, stream: StreamId): () => StreamCalls {
  return () => env.STREAMS.getByName(stream);
}
