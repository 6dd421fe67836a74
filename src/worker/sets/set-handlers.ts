/** The routes of sets: from a checked call to the set's object and back. */
import { limits } from "../../protocol/limits.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import type { Handlers } from "../handler.ts";
import { askObject, callObject } from "../object-call.ts";
import { accepts } from "../accepted-types.ts";
import { emptyAnswer, jsonAnswer, jsonResponse } from "../respond.ts";
import { exportAnswer } from "../transfer/export-lines.ts";
import { memberLines } from "./member-lines.ts";
import { applyTogether, setStub } from "./set-calls.ts";
import { setExport } from "./set-export.ts";
import { toOptions } from "./set-options.ts";

export const setHandlers: Handlers<
  | "setCreate"
  | "setOps"
  | "setElements"
  | "setErase"
  | "setChanges"
  | "setLive"
  | "setElement"
  | "setElementAdd"
  | "setElementRemove"
  | "setExport"
  | "setImport"
> = {
  setCreate: async ({ request, env, params, body }) => {
    const created = await callObject(setStub(env, params.set), (stub) => stub.create(toOptions(body)));
    if (!created.ok) return created;
    if (created.value === "conflict") {
      return refuse(
        "conflict",
        "This set exists with other options, and a set's options stay. Erase it to change them.",
      );
    }
    return succeed(jsonResponse(request, body, created.value === "created" ? 201 : 200));
  },

  setOps: async (call) => {
    const { request, params, body } = call;
    return jsonAnswer(request, await applyTogether(call, params.set, body.ops));
  },

  setElementAdd: async (call) => {
    const { request, params, query } = call;
    const op = { op: "add", element: params.element, timestamp: query.timestamp } as const;
    return jsonAnswer(request, await applyTogether(call, params.set, [op]));
  },

  setElementRemove: async (call) => {
    const { request, params, query } = call;
    const op = { op: "remove", element: params.element, timestamp: query.timestamp } as const;
    return jsonAnswer(request, await applyTogether(call, params.set, [op]));
  },

  setElement: async ({ request, env, params }) => {
    return jsonAnswer(request, await callObject(setStub(env, params.set), (stub) => stub.element(params.element)));
  },

  setElements: async ({ request, env, params, query }) => {
    const readPage = (after: string, limit: number) =>
      callObject(setStub(env, params.set), (stub) => stub.members(after, limit));
    const after = query.cursor ?? "";
    if (accepts(request, "application/x-ndjson", "application/json"))
      return memberLines(request, readPage, after, query.limit);
    return jsonAnswer(request, await readPage(after, query.limit ?? limits.pageRowsDefault));
  },

  setChanges: async ({ request, env, params, query }) => {
    const { since, limit = limits.pageRowsDefault, wait = 0 } = query;
    const page = await askObject(setStub(env, params.set), (stub) => stub.changes(since, limit, wait));
    return jsonAnswer(request, page);
  },

  setErase: async ({ env, params }) => {
    const erased = await callObject(setStub(env, params.set), (stub) => stub.erase());
    return emptyAnswer(erased);
  },

  setLive: async ({ request, env, params }) => {
    return callObject(setStub(env, params.set), (stub) => stub.fetch(request));
  },

  setExport: ({ request, env, params, query }) => exportAnswer(request, setExport(env, params.set), query.cursor),

  setImport: async ({ request, env, params, query, body }) => {
    const taken = await askObject(setStub(env, params.set), (stub) => stub.takeImport(body, query.from));
    return jsonAnswer(request, taken);
  },
};
