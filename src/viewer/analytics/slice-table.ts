/** The last slices as a table, the newest first: the chart for those who can't see or point. */
import { count } from "../count-words.ts";
import { part } from "../parts.ts";
import type { SliceTotals } from "./slice-history.ts";
import { sliceSpan } from "./slice-words.ts";

export class SliceTable {
  readonly #details: HTMLDetailsElement;
  readonly #body: HTMLElement;
  #drawn = "";

  /** @param opened is called when it is to be drawn, for it is drawn only while it is open */
  constructor(root: ParentNode & Element, opened: () => void) {
    this.#details = part(root, "slice-table", HTMLDetailsElement);
    this.#body = part(root, "slice-rows", HTMLElement);
    this.#details.addEventListener("toggle", opened);
  }

  draw(slices: readonly SliceTotals[], sliceMs: number, nowMs: number): void {
    if (!this.#details.open) return;
    const rows = slices.toReversed().map(({ startMs, users, clicks, impressions }) => {
      return [sliceSpan(startMs, sliceMs, nowMs), ...[users, clicks, impressions].map(count)];
    });
    const drawn = JSON.stringify(rows);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#body.replaceChildren(...rows.map(tableRow));
  }
}

function tableRow(cells: readonly string[]): HTMLTableRowElement {
  const row = document.createElement("tr");
  for (const [index, text] of cells.entries()) {
    const cell = document.createElement(index === 0 ? "th" : "td");
    if (index === 0) cell.scope = "row";
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}
