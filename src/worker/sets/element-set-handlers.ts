/** The routes of the element-set protocol, translated to the set named `default`. */
import { ELEMENT_SET_NAME } from "../../protocol/element-set.ts";
import { limits } from "../../protocol/limits.ts";
import { problemStatus, refuseField, succeed } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import { isRefusal } from "../../core/sets/decide.ts";
import type { ProposedOp } from "../../core/sets/decide.ts";
import type { Env } from "../env.ts";
import type { Handlers } from "../handler.ts";
import { callObject } from "../object-call.ts";
import { streamPages } from "../page-stream.ts";
import { jsonResponse, refusalHeaders } from "../respond.ts";
import { setStub } from "./set-handlers.ts";

const MS_PER_S = 1000;

export const elementSetHandlers: Handlers<
  "elementSetAdd" | "elementSetRemove" | "elementSetContains" | "elementSetBulk" | "elementSetFetch"
> = {
  elementSetAdd: ({ request, env, body }) => apply(request, env, [toOp("add", body)]),

  elementSetRemove: ({ request, env, body }) => apply(request, env, [toOp("remove", body)]),

  elementSetBulk: ({ request, env, body }) => {
    return apply(
      request,
      env,
      body.map(({ operation, data }) => toOp(operation === "add" ? "add" : "remove", data)),
    );
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
  const init = { status: problemStatus[problem.code], headers: refusalHeaders(problem) };
  return jsonResponse(request, { error: problem.detail }, init);
}

/** The protocol has no verdicts, and an operation must not vanish behind a 200: the batch is applied as a whole or not. */
async function apply(request: Request, env: Env, ops: readonly ProposedOp[]): Promise<Result<Response>> {
  const applied = await callObject(setStub(env, ELEMENT_SET_NAME), (stub) => stub.apply(ops, true));
  if (!applied.ok) return applied;
  const { verdicts } = applied.value;
  const refused = verdicts.findIndex(isRefusal);
  if (refused === -1) return succeed(jsonResponse(request, {}));
  const why = verdicts[refused] === "future" ? "is too far in the future" : "is older than what was purged";
  return refuseField(ops.length === 1 ? "timestamp" : `[${refused}].data.timestamp`, why);
}

function toItems(records: readonly string[]): string {
  return records.map((record) => JSON.stringify(record)).join(",");
}

function toOp(op: "add" | "remove", { value, timestamp }: { value: string; timestamp: number }): ProposedOp {
  return { op, element: value, timestamp: timestamp * MS_PER_S };
}
