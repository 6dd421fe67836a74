/** Pseudonyms as they are written, packed, against a set of strings. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PseudonymSet } from "../../../src/core/analytics/pseudonym-set.ts";

const HEX = "0123456789abcdef";

/** Few of them, which differ in one word only, and share their first: collisions are the norm. */
const pseudonym = fc
  .tuple(fc.constantFrom("00000000", "00000400", "ffffffff"), fc.nat({ max: 2 }), fc.constantFrom("0", "1", "f"))
  .map(([first, word, digit]) => first + "0".repeat(word * 8) + digit.repeat(8) + "0".repeat((2 - word) * 8));

describe("a set of pseudonyms", () => {
  test("[A2] has what was added, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(pseudonym, { maxLength: 40 }), fc.array(pseudonym), (added, asked) => {
        const set = new PseudonymSet();
        for (const one of added) set.add(one);
        const expected = new Set(added);
        expect(set.size).toBe(expected.size);
        for (const one of [...added, ...asked]) expect(set.has(one)).toBe(expected.has(one));
      }),
    );
  });

  test("[A2] grows, and takes all hex digits and many at once", () => {
    const set = new PseudonymSet();
    let state = 1;
    const next = () => {
      let hex = "";
      while (hex.length < 32) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        hex += HEX[state >>> 28];
      }
      return hex;
    };
    const some = Array.from({ length: 50_000 }, next);
    set.addAll(some.slice(0, 30_000).join(""));
    for (const one of some.slice(30_000)) set.add(one);
    set.addAll(some.join(""));
    expect(set.size).toBe(50_000);
    expect(some.every((one) => set.has(one))).toBe(true);
    expect(Array.from({ length: 10_000 }, next).some((one) => set.has(one))).toBe(false);
    expect(set.has("0".repeat(32))).toBe(false);
    set.add("0".repeat(32));
    set.add("0".repeat(32));
    expect([set.has("0".repeat(32)), set.size]).toEqual([true, 50_001]);
  });
});
