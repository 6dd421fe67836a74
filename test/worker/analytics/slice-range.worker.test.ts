/** Ranges of slices that many shards hold. */
import { expect, test } from "vitest";
import { DEFAULT_ROUTING } from "../../../src/core/analytics/routing.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { AnalyticsEdge } from "../../../src/worker/analytics/analytics-edge.ts";
import { sliceRange } from "../../../src/worker/analytics/slice-range.ts";
import { AnalyticsWorld, waitUntil } from "./analytics-world.ts";

const { sliceMs } = DEFAULT_ROUTING;
const SHARDS = 250;
const SLICES = limits.rangeShardsMax / SHARDS;

test("[A23] a range asks at most so many shards, and is refused with more before any is asked", async () => {
  const world = new AnalyticsWorld();
  const edge = new AnalyticsEdge(world, () => world.nowMs);
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  world.catalogue = Array.from({ length: SLICES + 1 }, (_, index) => {
    const isLast = index === SLICES;
    return { claim: { start: index * sliceMs, sliceMs, shards: SHARDS }, shards: isLast ? [7] : shards };
  });
  const read = (slices: number) => sliceRange(edge, { site: "s", from: 0, to: slices * sliceMs }, true, waitUntil);
  const refused = await read(SLICES + 1);
  expect(refused).toMatchObject({ ok: false, problem: { code: "invalid_request", errors: [{ path: "to" }] } });
  expect(world.calls.totals).toBe(0);
  expect((await read(SLICES)).ok).toBe(true);
  expect(world.calls.totals).toBe(limits.rangeShardsMax);
});
