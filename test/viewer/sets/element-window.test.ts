/** Which elements the page shows, against sorting and filtering all of them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementWindow, ROWS_MAX, tally } from "../../../src/viewer/sets/element-window.ts";
import type { ElementOrder, ShownElement } from "../../../src/viewer/sets/element-window.ts";

function shown(element: string, timestamp = 0): ShownElement {
  return { element, timestamp, placeMs: timestamp, removed: false, pending: false };
}

function names(elements: readonly ShownElement[]): readonly string[] {
  return elements.map(({ element }) => element);
}

/** What the window must be: everything, sorted by the bytes of UTF-8, then cut. */
function reference(elements: readonly ShownElement[], order: ElementOrder): readonly string[] {
  const byBytes = (a: ShownElement, b: ShownElement): number =>
    Buffer.compare(Buffer.from(a.element), Buffer.from(b.element));
  const byAge = (a: ShownElement, b: ShownElement): number => b.placeMs - a.placeMs || byBytes(a, b);
  return names([...elements].sort(order === "newest" ? byAge : byBytes));
}

describe("the window", () => {
  it("holds the first of all in either order, however they come", () => {
    const element = fc.record({
      element: fc.string({ unit: fc.constantFrom("a", "b", "B", "\uffff", "\u{1f600}"), minLength: 1, maxLength: 3 }),
      timestamp: fc.nat(4),
      placeMs: fc.nat(4),
      removed: fc.boolean(),
      pending: fc.boolean(),
    });
    const elements = fc.uniqueArray(element, { selector: (each) => each.element, maxLength: 40 });
    const order = fc.constantFrom<ElementOrder>("newest", "code-point");
    fc.assert(
      fc.property(elements, order, fc.integer({ min: 1, max: 6 }), (all, by, max) => {
        const { rows, matching } = elementWindow(all, { order: by, filter: "" }, max);
        expect(names(rows)).toEqual(reference(all, by).slice(0, max));
        expect(matching).toBe(all.length);
      }),
    );
  });

  it("holds no more than its limit, and says how many there are", () => {
    const all = Array.from({ length: ROWS_MAX + 1 }, (_, index) => shown(String(index), index));
    const full = elementWindow(all.slice(0, ROWS_MAX), { order: "newest", filter: "" });
    expect([full.rows.length, tally(full, ROWS_MAX, "")]).toEqual([ROWS_MAX, ""]);
    const over = elementWindow(all, { order: "newest", filter: "" });
    expect([over.rows.length, tally(over, all.length, "")]).toEqual([ROWS_MAX, "showing 500 of 501"]);
    expect(over.rows[0]?.element).toBe("500");
  });

  it("filters by what is in it, whatever the case", () => {
    const all = ["Milk", "buttermilk", "bread"].map((element) => shown(element));
    const found = elementWindow(all, { order: "code-point", filter: "MILK" });
    expect(names(found.rows)).toEqual(["Milk", "buttermilk"]);
    expect(tally(found, 3, "MILK")).toBe("2 of 3 match");
    const some = elementWindow(all, { order: "code-point", filter: "milk" }, 1);
    expect(tally(some, 3, "milk")).toBe("2 of 3 match, showing 1 of 2");
  });
});
