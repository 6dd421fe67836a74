/**
 * Counts a batch of items over any number of tenants: one call for each tenant, many at once, verdicts in the order of
 * the items. Each tenant's share is one transaction; there is none over all of them, and none is needed: what a request
 * that failed half-way has counted is a duplicate when it comes again.
 */
import type { Verdict } from "../../core/counters/distinct.ts";
import type { Item } from "../../protocol/counters.ts";
import type { Tenant } from "../../protocol/names.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import { inLanes } from "../lanes.ts";

/** Calls of one request that are under way at the same time, so that one request can't take the isolate's memory. */
export const TENANT_CALLS_MAX = 64;

const RETRY_AFTER_S = 1;

/** Counts the ids of one tenant; exactly one verdict for each, in their order. */
export type ObserveTenant = (tenant: Tenant, ids: readonly string[]) => Promise<Result<readonly Verdict[]>>;

/** What a batch holds of one tenant. */
interface Share {
  readonly tenant: Tenant;
  readonly ids: string[];
  /** Where in the batch each of `ids` is. */
  readonly positions: number[];
}

/**
 * @param alone counts what a request brings that names one tenant: it may share its call with others
 * @param among counts what a request brings for one of several tenants
 */
export async function observeItems(
  items: readonly Item[],
  alone: ObserveTenant,
  among: ObserveTenant,
): Promise<Result<readonly Verdict[]>> {
  const [first] = items;
  // The most frequent request by far.
  if (first !== undefined && items.length === 1) return observeOne(first, alone);
  const shares = sharesOf(items);
  const observe = shares.length === 1 ? alone : among;
  const verdicts = Array.from<Verdict>({ length: items.length });
  let failure: Problem | undefined;
  await inLanes(shares, TENANT_CALLS_MAX, async ({ tenant, ids, positions }) => {
    // After a failure no more calls are begun.
    if (failure !== undefined) return;
    const outcome = await observe(tenant, ids);
    if (!outcome.ok) {
      failure ??= tenantProblem(tenant, positions[0] ?? 0, outcome.problem);
      return;
    }
    for (const [index, position] of positions.entries()) verdicts[position] = outcome.value[index] as Verdict;
  });
  return failure === undefined ? succeed(verdicts) : { ok: false, problem: failure };
}

async function observeOne({ tenant, id }: Item, observe: ObserveTenant): Promise<Result<readonly Verdict[]>> {
  const outcome = await observe(tenant, [id]);
  return outcome.ok ? outcome : { ok: false, problem: tenantProblem(tenant, 0, outcome.problem) };
}

/** Says which tenant it was, and that sending the same again is safe. */
function tenantProblem(tenant: Tenant, position: number, problem: Problem): Problem {
  return {
    code: "overloaded",
    detail:
      `Tenant ${JSON.stringify(tenant)} could not be counted: ${problem.detail} ` +
      "Send the whole request again; what it has counted already is not counted twice.",
    errors: [{ path: `[${position}].tenant`, message: "could not be counted now" }],
    retryAfterS: problem.retryAfterS ?? RETRY_AFTER_S,
  };
}

function sharesOf(items: readonly Item[]): readonly Share[] {
  const shares = new Map<Tenant, Share>();
  for (const [position, { tenant, id }] of items.entries()) {
    let share = shares.get(tenant);
    if (share === undefined) shares.set(tenant, (share = { tenant, ids: [], positions: [] }));
    share.ids.push(id);
    share.positions.push(position);
  }
  return [...shares.values()];
}
