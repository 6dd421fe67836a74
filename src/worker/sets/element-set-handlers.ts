/** The routes of the element-set protocol, translated to the set named `default`. */
import { ELEMENT_SET_NAME } from "../../protocol/element-set.ts";
import { limits } from "../../protocol/limits.ts";
import { problemStatus, refuseField, succeed } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import { isRefusal } from "../../core/sets/decide.ts";
import type { ProposedOp } from "../../core/sets/decide.ts";
import type { Handlers } from "../handler.ts";
import { callObject } from "../object-call.ts";
import { streamPages } from "../page-stream.ts";
import { jsonResponse, refusalHeaders } from "../respond.ts";
import { applyOps, applyTogether, setStub } from "./set-calls.ts";
import type { AppliedOps } from "./set-object.ts";

const MS_PER_S = 1000;

export const elementSetHandlers: Handlers<
  "elementSetAdd" | "elementSetRemove" | "elementSetContains" | "elementSetBulk" | "elementSetFetch"
> = {
  elementSetAdd: async (call) => {
    return answer(
      call.request,
      await applyTogether(call, ELEMENT_SET_NAME, [toOp("add", call.body)]),
      () => "timestamp",
    );
  },

  elementSetRemove: async (call) => {
    return answer(
      call.request,
      await applyTogether(call, ELEMENT_SET_NAME, [toOp("remove", call.body)]),
      () => "timestamp",
    );
  },

  elementSetBulk: async ({ request, env, body }) => {
    const ops = body.map(({ operation, data }) => toOp(operation === "add" ? "add" : "remove", data));
    const applied = await applyOps(env, ELEMENT_SET_NAME, ops, "all");
    return answer(request, applied, (index) => `[${index}].data.timestamp`);
  },

  elementSetContains: async ({ request, env, query }) => {
    const found = await callObject(setStub(env, ELEMENT_SET_NAME), (stub) => stub.element(query.value));
    return found.ok ? succeed(jsonResponse(request, { contains: found.value.present })) : found;
  },

  elementSetFetch: async ({ request, env, query }) => {
    const read = (held: number) =>
      callObject(setStub(env, ELEMENT_SET_NAME), (stub) => stub.records(held, limits.pageRowsMax));
    const first = await read(query.offset ?? 0);
    if (!first.ok) return first;
    let next = first.value.next;
    let ended = false;
    const response = streamPages(request, "application/json", `[${toItems(first.value.records)}`, async () => {
      if (ended) return undefined;
      ended = next === null;
      if (next === null) return "]";
      const page = await read(next);
      if (!page.ok) throw new Error(page.problem.detail);
      next = page.value.next;
      return page.value.records.length === 0 ? "" : `,${toItems(page.value.records)}`;
    });
    return succeed(response);
  },
};

/** Problems as the element-set protocol has them. */
export function elementSetProblemResponse(request: Request, problem: Problem): Response {
  return jsonResponse(request, { error: problem.detail }, problemStatus[problem.code], refusalHeaders(problem));
}

/** The protocol has no verdicts, so what can't be accepted is refused, and with it the whole request. */
function answer(request: Request, applied: Result<AppliedOps>, pathOf: (index: number) => string): Result<Response> {
  if (!applied.ok) return applied;
  const { verdicts } = applied.value;
  const refused = verdicts.findIndex(isRefusal);
  if (refused === -1) return succeed(jsonResponse(request, {}));
  const why = verdicts[refused] === "future" ? "is too far in the future" : "is not newer than what was purged";
  return refuseField(pathOf(refused), why);
}

function toItems(records: readonly string[]): string {
  return records.map((record) => JSON.stringify(record)).join(",");
}

function toOp(op: "add" | "remove", { value, timestamp }: { value: string; timestamp: number }): ProposedOp {
  return { op, element: value, timestamp: timestamp * MS_PER_S };
}
