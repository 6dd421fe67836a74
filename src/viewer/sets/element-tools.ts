/** The filter and the order of the list, and beside them how much of the set it shows. */
import { part, setText } from "../parts.ts";
import type { ElementOrder, ElementQuery } from "./element-window.ts";

export class ElementTools {
  readonly #root: HTMLElement;
  readonly #filter: HTMLInputElement;
  readonly #tally: HTMLElement;
  #order: ElementOrder = "newest";

  constructor(root: ParentNode & Element, changed: () => void) {
    this.#root = part(root, "tools", HTMLElement);
    this.#filter = part(root, "filter", HTMLInputElement);
    this.#tally = part(root, "tally", HTMLElement);
    this.#filter.addEventListener("input", changed);
    for (const choice of root.querySelectorAll<HTMLInputElement>('input[name="order"]')) {
      // After going back, browsers may have restored another choice than the markup's.
      if (choice.checked) this.#order = orderOf(choice);
      choice.addEventListener("change", () => {
        this.#order = orderOf(choice);
        changed();
      });
    }
  }

  get query(): ElementQuery {
    return { order: this.#order, filter: this.#filter.value };
  }

  set hidden(hidden: boolean) {
    this.#root.hidden = hidden;
  }

  showTally(text: string): void {
    setText(this.#tally, text);
  }
}

function orderOf(choice: HTMLInputElement): ElementOrder {
  return choice.value === "code-point" ? "code-point" : "newest";
}
