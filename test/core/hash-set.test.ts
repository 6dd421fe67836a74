/** The packed set against one of strings. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HashSet } from "../../src/core/hash-set.ts";

/** Few of them, which differ in one word only, share their first, or belong in one place: collisions are the norm. */
const hash = fc
  .tuple(fc.constantFrom(0, 0x400, 0xffff_ffff), fc.nat({ max: 2 }), fc.constantFrom(0, 0x1111_1111, 0xffff_ffff))
  .map(([first, word, rest]) => Uint32Array.of(first, 0, 0, 0).with(word + 1, rest));

test("has what was added, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 40 }), fc.array(hash), (added, asked) => {
      const set = new HashSet();
      for (const one of added) set.add(one);
      const expected = new Set(added.map(String));
      expect(set.size).toBe(expected.size);
      for (const one of [...added, ...asked]) expect(set.has(one)).toBe(expected.has(String(one)));
    }),
  );
});

test("grows, with everything in it, whether hashes are spread or crowd in one place", () => {
  const spread = (index: number) => Uint32Array.of(Math.imul(index, 0x9e37_79b1), index, 0, 0);
  // All words together are 5, whatever the index.
  const crowded = (index: number) => Uint32Array.of(index, index, 5, 0);
  for (const [make, count] of [
    [spread, 50_000],
    [crowded, 2_000],
  ] as const) {
    const set = new HashSet();
    for (let round = 0; round < 2; round++) for (let index = 1; index <= count; index++) set.add(make(index));
    expect(set.size).toBe(count);
    for (let index = 1; index <= count; index++) expect(set.has(make(index))).toBe(true);
    for (let index = count + 1; index <= count + 500; index++) expect(set.has(make(index))).toBe(false);
  }
});
