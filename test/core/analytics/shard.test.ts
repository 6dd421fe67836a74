/** Which shard a user belongs to: pinned for ever, and even. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shardOf } from "../../../src/core/analytics/shard.ts";

describe("the shard of a user", () => {
  test("[A6] never changes", () => {
    // From another implementation, in Python, of the two sources.
    const names = ["a", "b", "user-1", "user-2", "\u00e9", "\u{1f468}", "x".repeat(256)];
    expect(names.map((name) => shardOf(name, 256))).toEqual([39, 81, 195, 170, 183, 227, 110]);
    expect(names.map((name) => shardOf(name, 4))).toEqual([3, 1, 3, 2, 3, 3, 2]);
  });

  test("[A6] is one of the shards", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 256 }), (user, shards) => {
        const shard = shardOf(user, shards);
        expect(Number.isInteger(shard) && shard >= 0 && shard < shards).toBe(true);
        expect(shardOf(user, shards)).toBe(shard);
      }),
    );
  });

  test.each([2, 3, 4, 16, 100, 256])("[A6] spreads names evenly over %i shards", (shards) => {
    for (const prefix of ["", "user-", "https://example.com/u/"]) {
      const counts = Array.from({ length: shards }, () => 0);
      const users = shards * 500;
      for (let user = 0; user < users; user++) counts[shardOf(`${prefix}${user}`, shards)]! += 1;
      // 500 each, with a standard deviation of 22.
      expect(Math.max(...counts)).toBeLessThan(640);
      expect(Math.min(...counts)).toBeGreaterThan(370);
    }
  });
});
