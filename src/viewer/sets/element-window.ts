/**
 * Which of a set's elements the page shows, and in which order. A set may have a million elements; the page never holds
 * more rows than {@link ROWS_MAX}, and picks them in one pass without sorting the rest.
 */
import { compareCodePoints } from "../../core/text.ts";
import { count } from "../count-words.ts";

/** Rows in the page. More can't be read anyway; the filter finds the others. */
export const ROWS_MAX = 500;

/** One element to show: a member, or one whose removal the server hasn't acknowledged yet. */
export interface ShownElement {
  readonly element: string;
  /** Of its last change, in milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** Where it stands among the newest: the same, but for a removal, which leaves it in its place until it goes. */
  readonly placeMs: number;
  readonly removed: boolean;
  /** Its last change is this page's own, and the server hasn't acknowledged it. */
  readonly pending: boolean;
}

export type ElementOrder = "newest" | "code-point";

export interface ElementQuery {
  readonly order: ElementOrder;
  /** Shows only what contains it, whatever the case; empty shows all. */
  readonly filter: string;
}

export interface ElementWindow {
  readonly rows: readonly ShownElement[];
  /** How many there are that pass the filter. */
  readonly matching: number;
}

type Compare = (a: ShownElement, b: ShownElement) => number;

const comparisons: Readonly<Record<ElementOrder, Compare>> = {
  newest: (a, b) => b.placeMs - a.placeMs || compareCodePoints(a.element, b.element),
  "code-point": (a, b) => compareCodePoints(a.element, b.element),
};

export function elementWindow(
  elements: Iterable<ShownElement>,
  { order, filter }: ElementQuery,
  rowsMax = ROWS_MAX,
): ElementWindow {
  const compare = comparisons[order];
  const wanted = filter.toLowerCase();
  let rows: ShownElement[] = [];
  let last: ShownElement | undefined;
  let matching = 0;
  const keepFirst = (): void => {
    rows = rows.sort(compare).slice(0, rowsMax);
    // Whatever comes after the last row of a full window can't get into it any more.
    if (rows.length === rowsMax) last = rows.at(-1);
  };
  for (const each of elements) {
    if (wanted !== "" && !each.element.toLowerCase().includes(wanted)) continue;
    matching += 1;
    if (last !== undefined && compare(each, last) >= 0) continue;
    rows.push(each);
    if (rows.length >= rowsMax * 2) keepFirst();
  }
  keepFirst();
  return { rows, matching };
}

/** What the page says about the window: all, some of so many, or how many the filter let through. */
export function tally({ rows, matching }: ElementWindow, total: number, filter: string): string {
  const shown = rows.length < matching ? `showing ${count(rows.length)} of ${count(matching)}` : "";
  if (filter === "") return shown;
  const found = `${count(matching)} of ${count(total)} match`;
  return shown === "" ? found : `${found}, ${shown}`;
}
