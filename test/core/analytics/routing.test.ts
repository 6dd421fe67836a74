/** The routing rules: what they say, and which changes they take. */
import { describe, expect, test } from "vitest";
import {
  agrees,
  changeRouting,
  claimSlice,
  DEFAULT_ROUTING,
  ROUTING_LEAD_MS,
  shardsOf,
} from "../../../src/core/analytics/routing.ts";
import type { Routing, RoutingState } from "../../../src/core/analytics/routing.ts";
import { limits } from "../../../src/protocol/limits.ts";

const HOUR = 3_600_000;
const NOW = 10 * HOUR + 5;

function state(
  lastClaimed: number | null,
  ...rules: readonly (readonly [from: number, shards: number])[]
): RoutingState {
  return { lastClaimed, routing: routing(...rules) };
}

function routing(...rules: readonly (readonly [from: number, shards: number])[]): Routing {
  return { ...DEFAULT_ROUTING, rules: [[0, 1] as const, ...rules].map(([from, shards]) => ({ from, shards })) };
}

describe("routing rules", () => {
  test("[A7] the last rule that has begun decides, and before all rules the first", () => {
    const rules = routing([5 * HOUR, 4], [6 * HOUR, 2]);
    expect([-HOUR, 0, 4 * HOUR, 5 * HOUR, 6 * HOUR, 7 * HOUR].map((at) => shardsOf(rules, at))).toEqual([
      1, 1, 1, 4, 2, 2,
    ]);
    const late: Routing = { ...DEFAULT_ROUTING, rules: [{ from: 5 * HOUR, shards: 3 }] };
    expect(shardsOf(late, 0)).toBe(3);
  });

  test("[A8] a new rule is taken from its lead on, at the start of a slice", () => {
    const next = 11 * HOUR;
    expect(changeRouting(state(null), routing([next, 4]), NOW)).toEqual({
      kind: "accepted",
      routing: routing([next, 4]),
    });
    for (const from of [next + 1, next - 1]) {
      expect(changeRouting(state(null), routing([from, 4]), NOW)).toMatchObject({
        kind: "conflict",
        path: "rules[1].from",
        earliest: next,
      });
    }
    expect(changeRouting(state(null), routing([10 * HOUR, 4]), NOW)).toMatchObject({
      kind: "conflict",
      path: "rules[1].from",
      earliest: next,
    });
  });

  test("[A8] the lead is counted to the millisecond", () => {
    const next = routing([11 * HOUR, 4]);
    expect(changeRouting(state(null), next, 11 * HOUR - ROUTING_LEAD_MS).kind).toBe("accepted");
    expect(changeRouting(state(null), next, 11 * HOUR - ROUTING_LEAD_MS + 1)).toMatchObject({
      kind: "conflict",
      earliest: 12 * HOUR,
    });
  });

  test("[A8] a new rule begins after every slice that holds data, and the refusal says when", () => {
    const claimed = state(20 * HOUR);
    expect(changeRouting(claimed, routing([20 * HOUR, 4]), NOW)).toMatchObject({
      kind: "conflict",
      earliest: 21 * HOUR,
    });
    expect(changeRouting(claimed, routing([21 * HOUR, 4]), NOW).kind).toBe("accepted");
  });

  test("[A8] at the end of time there is no earliest start", () => {
    const end = limits.timestampMsMax;
    const last = routing([end, 4]);
    expect(changeRouting(state(end - HOUR), last, NOW)).toEqual({ kind: "accepted", routing: last });
    expect(changeRouting(state(end - HOUR), routing([end - HOUR, 4]), NOW)).toMatchObject({ earliest: end });
    expect(changeRouting(state(end), last, NOW)).toMatchObject({ kind: "conflict", earliest: undefined });
  });

  test("[A8] rules that are there stay, in their order", () => {
    const now = state(null, [12 * HOUR, 4]);
    const changes = [
      routing(),
      routing([12 * HOUR, 5]),
      routing([13 * HOUR, 4]),
      routing([11 * HOUR, 2], [12 * HOUR, 4]),
    ];
    for (const change of changes) {
      expect(changeRouting(now, change, NOW)).toMatchObject({
        kind: "conflict",
        path: "rules[1]",
        earliest: 13 * HOUR,
      });
    }
    expect(changeRouting(now, now.routing, NOW)).toEqual({ kind: "accepted", routing: now.routing });
    expect(changeRouting(now, routing([12 * HOUR, 4], [12 * HOUR, 8]), NOW)).toMatchObject({
      kind: "conflict",
      earliest: 13 * HOUR,
    });
    expect(changeRouting(now, routing([12 * HOUR, 4], [13 * HOUR, 8], [14 * HOUR, 1]), NOW).kind).toBe("accepted");
    expect(changeRouting(now, routing([12 * HOUR, 4], [14 * HOUR, 8], [13 * HOUR, 1]), NOW)).toMatchObject({
      path: "rules[3].from",
      earliest: 13 * HOUR,
    });
  });

  test("[A9] the grid changes while no slice holds data, and not afterwards", () => {
    const longer = { ...routing(), sliceMs: 2 * HOUR };
    const shifted = { ...routing(), firstSlice: 5 };
    for (const [change, path] of [
      [longer, "slice_ms"],
      [shifted, "first_slice"],
    ] as const) {
      expect(changeRouting(state(null), change, NOW).kind).toBe("accepted");
      // What would be accepted is the start of a slice as slices are.
      expect(changeRouting(state(0), change, NOW)).toMatchObject({ kind: "conflict", path, earliest: 11 * HOUR });
    }
  });

  test("[A9] the grid changes to none in which a rule begins within a slice", () => {
    const now = state(null, [13 * HOUR, 4]);
    const halves = { ...now.routing, sliceMs: HOUR / 2 };
    expect(changeRouting(now, halves, NOW).kind).toBe("accepted");
    const doubles = { ...now.routing, sliceMs: 2 * HOUR };
    expect(changeRouting(now, doubles, NOW)).toMatchObject({
      kind: "conflict",
      path: "slice_ms",
      earliest: 14 * HOUR,
    });
    expect(changeRouting(now, { ...now.routing, firstSlice: 5 }, NOW)).toMatchObject({ path: "first_slice" });
    expect(changeRouting(now, { ...doubles, firstSlice: HOUR }, NOW).kind).toBe("accepted");
  });

  test("[A10] a claim is granted if the rules say the same, and only then noted", () => {
    const now = state(null, [5 * HOUR, 4]);
    const claim = { start: 5 * HOUR, sliceMs: HOUR, shards: 4 };
    expect(claimSlice(now, claim)).toEqual({ ...now, lastClaimed: 5 * HOUR });
    expect(claimSlice(now, { ...claim, shards: 1 })).toBeUndefined();
    expect(claimSlice(now, { ...claim, sliceMs: 2 * HOUR })).toBeUndefined();
    expect(claimSlice(now, { ...claim, start: 5 * HOUR + 1 })).toBeUndefined();
    expect(agrees(now.routing, claim)).toBe(true);
  });

  test("[A10] the latest claim is what counts, in whichever order claims come", () => {
    const later = claimSlice(state(null), { start: 7 * HOUR, sliceMs: HOUR, shards: 1 })!;
    expect(claimSlice(later, { start: -HOUR, sliceMs: HOUR, shards: 1 })).toBe(later);
    expect(claimSlice(later, { start: 8 * HOUR, sliceMs: HOUR, shards: 1 })?.lastClaimed).toBe(8 * HOUR);
  });
});
