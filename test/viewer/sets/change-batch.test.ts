/** What changed between two drawings, however much. */
import { expect, it } from "vitest";
import { ChangeBatch, LISTED_MAX } from "../../../src/viewer/sets/change-batch.ts";

function filled(changes: number): ChangeBatch {
  const batch = new ChangeBatch();
  for (let index = 0; index < changes; index++) {
    batch.push({ element: String(index), op: index % 3 === 0 ? "remove" : "add", atMs: index, own: false });
  }
  return batch;
}

it("lists changes up to a limit, in their order", () => {
  expect(filled(0).listed).toEqual([]);
  const elements = filled(LISTED_MAX).listed?.map(({ element }) => element);
  expect(elements).toEqual(Array.from({ length: LISTED_MAX }, (_, index) => String(index)));
});

it("counts them past it", () => {
  const batch = filled(LISTED_MAX + 1);
  expect(batch.listed).toBeUndefined();
  expect([batch.size, batch.added, batch.removed, batch.lastMs]).toEqual([13, 8, 5, 12]);
});
