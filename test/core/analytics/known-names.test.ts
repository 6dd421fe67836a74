/** What a shard knows of names, against a set of them. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KnownNames } from "../../../src/core/analytics/known-names.ts";

const key = fc.uint32Array({ minLength: 4, maxLength: 4 });
/** Around the length of a block, and such that differ in one half of a code unit only. */
const name = fc.string({ unit: fc.constantFrom("a", "\u0161", "\u6100"), minLength: 6, maxLength: 9 });

describe("known names", () => {
  test("[A2] are those that were added, and no other", () => {
    fc.assert(
      fc.property(key, fc.array(name, { maxLength: 30 }), fc.array(name), (words, added, asked) => {
        const known = new KnownNames(words);
        for (const one of added) known.add(one);
        const expected = new Set(added);
        expect(known.size).toBe(expected.size);
        for (const one of [...added, ...asked]) expect(known.has(one)).toBe(expected.has(one));
      }),
    );
  });

  test("[A12] are at most as many as are allowed, and one more forgets all others", () => {
    const known = new KnownNames(Uint32Array.of(1, 2, 3, 4), 3);
    for (const one of ["a", "b", "c", "a"]) known.add(one);
    expect(["a", "b", "c"].map((one) => known.has(one))).toEqual([true, true, true]);
    known.add("d");
    expect(["a", "b", "c", "d"].map((one) => known.has(one))).toEqual([false, false, false, true]);
    known.clear();
    expect([known.has("d"), known.size]).toEqual([false, 0]);
  });
});
