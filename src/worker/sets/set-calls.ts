/** The calls to a set's object that more than one route makes. */
import type { ProposedOp, Verdict } from "../../core/sets/decide.ts";
import type { Acceptance } from "../../core/sets/lww-set.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { answersOf, groupRequests } from "../group-commit.ts";
import type { Call } from "../handler.ts";
import type { Env } from "../env.ts";
import { callObject } from "../object-call.ts";
import { countEntries } from "../operations/metrics.ts";
import type { AppliedOps, SetCalls } from "./set-object.ts";

/** Requests to the same set that arrive together share a call. */
const shares = groupRequests<ProposedOp, AppliedOps>("sets");

/** The object that holds the set called `name`. */
export function setStub(env: Env, name: string): () => SetCalls {
  return () => env.SETS.getByName(name);
}

/** Applies `ops`; those without a timestamp are new operations each time, so they are not tried twice. */
export async function applyOps(
  env: Env,
  set: string,
  ops: readonly ProposedOp[],
  accept: Acceptance = "each",
): Promise<Result<AppliedOps>> {
  const repeatable = ops.every((op) => op.timestamp !== undefined);
  const applied = await callObject(setStub(env, set), (stub) => stub.apply(ops, accept), { repeatable });
  if (applied.ok) countVerdicts(applied.value.verdicts);
  return applied;
}

function countVerdicts(verdicts: readonly Verdict[]): void {
  const counts = new Map<Verdict, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  for (const [verdict, count] of counts) countEntries("sets", verdict, count);
}

/**
 * Applies what a request brings, together with others to the same set that arrive now. The proof is of the state after all
 * of them, the verdicts its own.
 */
export function applyTogether(
  { env, waitUntil }: Pick<Call<"setOps">, "env" | "waitUntil">,
  set: string,
  ops: readonly ProposedOp[],
): Promise<Result<AppliedOps>> {
  const commit = async (parts: readonly (readonly ProposedOp[])[]): Promise<Result<readonly AppliedOps[]>> => {
    const applied = await applyOps(env, set, parts.flat());
    if (!applied.ok) return applied;
    const { verdicts, ...proof } = applied.value;
    return succeed(answersOf(parts, verdicts).map((own) => ({ ...proof, verdicts: own })));
  };
  return shares.write(set, ops, commit, waitUntil);
}
