/** A bounded map: what it keeps, and what it forgets. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RecentMap } from "../../src/core/recent-map.ts";

test("keeps the half that was used last, and never more than entriesMax", () => {
  const command = fc.record({ key: fc.nat({ max: 12 }), isSet: fc.boolean() });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const map = new RecentMap<number, string>(6);
      const values = new Map<number, string>();
      let recent: number[] = [];
      for (const [index, { key, isSet }] of commands.entries()) {
        if (isSet) {
          map.set(key, `${index}`);
          values.set(key, `${index}`);
        } else if (map.get(key) === undefined) continue;
        recent = [key, ...recent.filter((other) => other !== key)];
        // It may be older than what is kept for certain, but it is never wrong.
        const probe = map.get(key);
        expect(probe).toBe(values.get(key));
      }
      for (const key of recent.slice(0, 3)) expect(map.get(key)).toBe(values.get(key));
    }),
  );
});

test("drops the old generation for one entry too many", () => {
  const map = new RecentMap<string, number>(4);
  for (const [index, key] of ["a", "b", "c", "d"].entries()) map.set(key, index);
  map.set("e", 5);
  expect(["a", "b"].map((key) => map.get(key))).toEqual([undefined, undefined]);
  expect(["e", "d"].map((key) => map.get(key))).toEqual([5, 3]);
});
