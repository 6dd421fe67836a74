/** The routes of counters: from a checked call to the tenants' objects and back. */
import type { Verdict } from "../../core/counters/distinct.ts";
import type { Tenant } from "../../protocol/names.ts";
import { refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { Env } from "../env.ts";
import { answersOf, groupRequests } from "../group-commit.ts";
import type { Call, Handlers } from "../handler.ts";
import { logError } from "../log.ts";
import { askObject, callObject } from "../object-call.ts";
import { countEntries } from "../operations/metrics.ts";
import { emptyAnswer, jsonAnswer, jsonResponse } from "../respond.ts";
import { exportAnswer } from "../transfer/export-lines.ts";
import { itemExport } from "./item-export.ts";
import { itemsAnswer } from "./items-answer.ts";
import { observeItems } from "./observe-items.ts";
import { tenantStub } from "./tenant-calls.ts";

/** Requests for the same tenant that arrive together share a call. */
const shares = groupRequests<string, readonly Verdict[]>("items");

export const itemHandlers: Handlers<
  "itemsObserve" | "itemsCount" | "itemsLive" | "itemsItem" | "itemsErase" | "itemsExport" | "itemsImport"
> = {
  itemsObserve: async (call) => {
    const { request, env, query, body } = call;
    const verdicts = await observeItems(
      body,
      (tenant, ids) => observeTogether(call, tenant, ids),
      (tenant, ids) => observeTenant(env, tenant, ids),
    );
    if (!verdicts.ok) return verdicts;
    const answer = itemsAnswer(verdicts.value, query.verdicts === "true");
    countEntries("items", "new", answer.new);
    countEntries("items", "duplicate", answer.duplicates);
    return succeed(jsonResponse(request, answer));
  },

  itemsCount: async ({ request, env, params }) => {
    return jsonAnswer(request, await callObject(tenantStub(env, params.tenant), (stub) => stub.count()));
  },

  itemsItem: async ({ request, env, params }) => {
    return jsonAnswer(request, await callObject(tenantStub(env, params.tenant), (stub) => stub.counted(params.id)));
  },

  itemsLive: async ({ request, env, params }) => {
    return callObject(tenantStub(env, params.tenant), (stub) => stub.fetch(request));
  },

  itemsErase: async ({ env, params }) => {
    const erased = await callObject(tenantStub(env, params.tenant), (stub) => stub.erase());
    return emptyAnswer(erased);
  },

  itemsExport: ({ request, env, params, query }) => exportAnswer(request, itemExport(env, params.tenant), query.cursor),

  itemsImport: async ({ request, env, params, query, body }) => {
    const taken = await askObject(tenantStub(env, params.tenant), (stub) => stub.takeImport(body, query.from));
    return jsonAnswer(request, taken);
  },
};

/** Together with what other requests bring for the same tenant now. */
function observeTogether(
  { env, waitUntil }: Call<"itemsObserve">,
  tenant: Tenant,
  ids: readonly string[],
): Promise<Result<readonly Verdict[]>> {
  const commit = async (parts: readonly (readonly string[])[]) => {
    const verdicts = await observeTenant(env, tenant, parts.flat());
    return verdicts.ok ? succeed(answersOf(parts, verdicts.value)) : verdicts;
  };
  return shares.write(tenant, ids, commit, waitUntil);
}

/**
 * Whatever goes wrong in one tenant's object, even a bug, is that tenant's failure, and trying again is safe; the other
 * tenants of the request have been counted, so the answer must not look as if nothing had happened.
 */
async function observeTenant(env: Env, tenant: Tenant, ids: readonly string[]): Promise<Result<readonly Verdict[]>> {
  try {
    const verdicts = await callObject(tenantStub(env, tenant), (stub) => stub.observe(ids));
    if (verdicts.ok && verdicts.value.length !== ids.length) {
      throw new Error(`${ids.length} items were given ${verdicts.value.length} verdicts`);
    }
    return verdicts;
  } catch (error) {
    logError(error);
    return refuseForNow("Its object failed.");
  }
}
