/**
 * The routing rules: how slices lie in time and how many shards each has. The rules only grow, and a slice that holds
 * data keeps its number of shards for ever.
 *
 * That doesn't rest on clocks. Before the first event of a slice is counted, whoever routed it must claim the slice with
 * the number of shards it used; the claim is granted if the rules say the same, and from then on no rule for that slice
 * or an earlier one is accepted. The lead that a new rule needs is a courtesy: with it no event has to be routed twice.
 */
import { isSliceStart, sliceStartFrom, TIMESTAMP_MS_MAX } from "./time-slice.ts";
import type { SliceGrid } from "./time-slice.ts";

/** Holds for slices that start at `from` or later, up to the next rule. */
export interface RoutingRule {
  readonly from: number;
  readonly shards: number;
}

export interface Routing extends SliceGrid {
  /** In ascending order, at least one. */
  readonly rules: readonly RoutingRule[];
}

export interface RoutingState {
  readonly routing: Routing;
  /** The start of the latest slice that was ever claimed, anywhere; `null` while no slice holds data. */
  readonly lastClaimed: number | null;
}

/** How an event was routed: all that decides which object counts it, but for the user. */
export interface SliceClaim {
  readonly start: number;
  readonly sliceMs: number;
  readonly shards: number;
}

export const DEFAULT_ROUTING: Routing = { sliceMs: 3_600_000, firstSlice: 0, rules: [{ from: 0, shards: 1 }] };

export const SHARDS_MAX = 256;

/** Edges re-read the rules this often. */
export const ROUTING_REREAD_MS = 30_000;
/** How long before its first slice a new rule must be known: two re-reads, of which one may fail. */
export const ROUTING_LEAD_MS = 2 * ROUTING_REREAD_MS;

export type RoutingChange =
  | { readonly kind: "accepted"; readonly routing: Routing }
  /** `earliest` is the first start that a new rule may have, if there is any. */
  | {
      readonly kind: "conflict";
      readonly path: string;
      readonly message: string;
      readonly earliest: number | undefined;
    };

/** The last rule that has begun when the slice starts; before all rules, the first. */
export function shardsOf({ rules }: Routing, start: number): number {
  let shards = 1;
  for (const [index, rule] of rules.entries()) {
    if (index > 0 && rule.from > start) break;
    ({ shards } = rule);
  }
  return shards;
}

/** Whether the rules route as the claim says. */
export function agrees(routing: Routing, { start, sliceMs, shards }: SliceClaim): boolean {
  return routing.sliceMs === sliceMs && isSliceStart(routing, start) && shardsOf(routing, start) === shards;
}

/** The state after a claim; `undefined` if it is refused, because whoever makes it has other rules. */
export function claimSlice(state: RoutingState, claim: SliceClaim): RoutingState | undefined {
  if (!agrees(state.routing, claim)) return undefined;
  const { lastClaimed } = state;
  return lastClaimed !== null && lastClaimed >= claim.start ? state : { ...state, lastClaimed: claim.start };
}

/** Whether the whole document `next` may take the place of the rules. */
export function changeRouting({ routing, lastClaimed }: RoutingState, next: Routing, nowMs: number): RoutingChange {
  const { rules } = routing;
  const isSameGrid = next.sliceMs === routing.sliceMs && next.firstSlice === routing.firstSlice;
  const mayTakeGrid =
    lastClaimed === null && rules.every((rule, index) => index === 0 || isSliceStart(next, rule.from));
  const earliest = earliestStart(
    mayTakeGrid ? next : routing,
    Math.max(nowMs + ROUTING_LEAD_MS, (lastClaimed ?? 0) + 1, lastFrom(rules) + 1),
  );
  const conflict = (path: string, message: string): RoutingChange => ({ kind: "conflict", path, message, earliest });

  if (!isSameGrid && !mayTakeGrid) {
    const path = next.sliceMs === routing.sliceMs ? "first_slice" : "slice_ms";
    const why = lastClaimed === null ? "rules begin at starts of these slices" : "there are slices that hold data";
    return conflict(path, `must stay as it is, for ${why}`);
  }
  for (const [index, rule] of rules.entries()) {
    const same = next.rules[index];
    if (same?.from !== rule.from || same.shards !== rule.shards) {
      return conflict(`rules[${index}]`, "must stay as it is; rules can only be added after it");
    }
  }
  for (let index = rules.length; index < next.rules.length; index++) {
    const from = next.rules[index]?.from ?? 0;
    const path = `rules[${index}].from`;
    if (earliest === undefined || from < earliest) return conflict(path, "is too early");
    const fault = faultOf(next, index, from);
    if (fault !== undefined) return conflict(path, fault);
  }
  return { kind: "accepted", routing: next };
}

export type RoutingRestoration =
  | { readonly kind: "restored"; readonly state: RoutingState }
  /** The rules make no sense in themselves. */
  | { readonly kind: "invalid" }
  /** By the rules that would hold, this slice is divided otherwise than it was exported. */
  | { readonly kind: "conflict"; readonly claim: SliceClaim };

/**
 * The state with the rules of an export. They take the place of those that are there only while no slice holds data.
 *
 * @param claims of the slices that are about to be imported: if one would be refused, none should come
 */
export function restoreRouting(
  state: RoutingState,
  routing: Routing,
  claims: readonly SliceClaim[],
): RoutingRestoration {
  const isFaulty = routing.rules.some(({ from }, index) => index > 0 && faultOf(routing, index, from) !== undefined);
  if (isFaulty) return { kind: "invalid" };
  const next = state.lastClaimed === null ? { ...state, routing } : state;
  const claim = claims.find((wanted) => !agrees(next.routing, wanted));
  return claim === undefined ? { kind: "restored", state: next } : { kind: "conflict", claim };
}

/** Why a rule can't follow the one before it. */
function faultOf(routing: Routing, index: number, from: number): string | undefined {
  if (from <= (routing.rules[index - 1]?.from ?? 0)) return "must be greater than that of the rule before";
  return isSliceStart(routing, from) ? undefined : "must be the start of a slice";
}

function earliestStart(grid: SliceGrid, timestamp: number): number | undefined {
  const start = sliceStartFrom(grid, timestamp);
  return start <= TIMESTAMP_MS_MAX ? start : undefined;
}

function lastFrom(rules: readonly RoutingRule[]): number {
  return rules.at(-1)?.from ?? 0;
}
