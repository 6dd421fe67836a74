/** A bounded map: what it drops, and what it keeps. */
import { expect, test } from "vitest";
import { LruMap } from "../../src/core/lru-map.ts";

test("keeps entriesMax entries, and drops the one used longest ago for one more", () => {
  const map = new LruMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  expect([map.size, map.get("a")]).toEqual([2, 1]);
  map.set("c", 3);
  expect([map.size, map.get("a"), map.get("b"), map.get("c")]).toEqual([2, 1, undefined, 3]);
});

test("setting a key again is a use, and takes no more room", () => {
  const map = new LruMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  expect([map.get("a"), map.get("b")]).toEqual([3, undefined]);
  map.clear();
  expect(map.size).toBe(0);
});
