/** The routes of streams: from a checked call to the stream's object and back. */
import { countLines } from "../../core/streams/line.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Handlers } from "../handler.ts";
import { askObject, callObject } from "../object-call.ts";
import { emptyAnswer, jsonAnswer, jsonResponse } from "../respond.ts";
import { exportAnswer } from "../transfer/export-lines.ts";
import { streamStub } from "./stream-calls.ts";
import { streamExport } from "./stream-export.ts";

export const streamHandlers: Handlers<
  | "streamOptions"
  | "streamStatus"
  | "streamErase"
  | "streamIngest"
  | "streamDeadLetters"
  | "streamUserLive"
  | "streamSource"
  | "streamGateway"
  | "streamExport"
  | "streamImport"
> = {
  streamOptions: async ({ request, env, params, body }) => {
    const configured = await askObject(streamStub(env, params.stream), (stub) => stub.configure(body));
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
    const taken = await askObject(streamStub(env, params.stream), (stub) => stub.ingest(body));
    return jsonAnswer(request, taken);
  },

  streamDeadLetters: async ({ request, env, params, query }) => {
    const { since = 0, limit = limits.pageRowsDefault } = query;
    const called = await callObject(streamStub(env, params.stream), (stub) => stub.deadLetters(since, limit));
    return jsonAnswer(request, called);
  },

  streamErase: async ({ env, params }) => {
    const erased = await callObject(streamStub(env, params.stream), (stub) => stub.erase());
    return emptyAnswer(erased);
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

  streamExport: ({ request, env, params, query }) => {
    return exportAnswer(request, streamExport(env, params.stream), query.cursor);
  },

  streamImport: async ({ request, env, params, query, body }) => {
    const taken = await askObject(streamStub(env, params.stream), (stub) => stub.takeImport(body, query.from));
    return jsonAnswer(request, taken);
  },
};
