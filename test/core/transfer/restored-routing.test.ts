/** Which rules hold once those of an export have come, and which slices may be imported under them. */
import { expect, test } from "vitest";
import { agrees, claimSlice, DEFAULT_ROUTING, restoreRouting } from "../../../src/core/analytics/routing.ts";
import type { Routing, RoutingState, SliceClaim } from "../../../src/core/analytics/routing.ts";

const HOUR_MS = 3_600_000;
const EMPTY: RoutingState = { routing: DEFAULT_ROUTING, lastClaimed: null };
const HELD: RoutingState = { routing: DEFAULT_ROUTING, lastClaimed: 5 * HOUR_MS };
/** Two shards from the tenth hour on. */
const EXPORTED: Routing = { ...DEFAULT_ROUTING, rules: [...DEFAULT_ROUTING.rules, { from: 10 * HOUR_MS, shards: 2 }] };

const claimOf = (hour: number, shards: number): SliceClaim => ({ start: hour * HOUR_MS, sliceMs: HOUR_MS, shards });

test("[X4] rules are taken while no slice holds data, and only with slices that they divide as they were", () => {
  expect(restoreRouting(EMPTY, EXPORTED, [claimOf(9, 1), claimOf(10, 2)])).toEqual({
    kind: "restored",
    state: { ...EMPTY, routing: EXPORTED },
  });
  expect(restoreRouting(HELD, EXPORTED, [claimOf(9, 1)])).toEqual({ kind: "restored", state: HELD });
  for (const state of [EMPTY, HELD]) {
    const claims = [claimOf(9, 1), claimOf(10, state === EMPTY ? 1 : 2)];
    expect(restoreRouting(state, EXPORTED, claims)).toEqual({ kind: "conflict", claim: claims[1] });
  }
  const crooked = { ...EXPORTED, rules: [...DEFAULT_ROUTING.rules, { from: 1, shards: 2 }] };
  expect(restoreRouting(EMPTY, crooked, [])).toEqual({ kind: "invalid" });
  const falling = { ...EXPORTED, rules: [...EXPORTED.rules, { from: 9 * HOUR_MS, shards: 2 }] };
  expect(restoreRouting(EMPTY, falling, [])).toEqual({ kind: "invalid" });
});

test("[X4] whatever is restored grants the claims it was asked about, each of them", () => {
  for (const state of [EMPTY, HELD]) {
    for (let hour = 8; hour < 12; hour++) {
      for (const shards of [1, 2]) {
        const claim = claimOf(hour, shards);
        const restored = restoreRouting(state, EXPORTED, [claimOf(9, 1), claim]);
        const routing = state === EMPTY ? EXPORTED : DEFAULT_ROUTING;
        expect(restored.kind).toBe(agrees(routing, claim) ? "restored" : "conflict");
        if (restored.kind === "restored") expect(claimSlice(restored.state, claim)).toBeDefined();
      }
    }
  }
});
