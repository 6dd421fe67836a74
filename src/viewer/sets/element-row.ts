/** One row of the list: an element, when it last changed, whether that has been acknowledged, and a button. */
import { clockTime, isoTime } from "../clock-time.ts";
import { fromTemplate, part, setText } from "../parts.ts";
import { showText } from "../shown-text.ts";
import { visibleString } from "../visible-text.ts";
import type { ShownElement } from "./element-window.ts";

export class ElementRow {
  readonly root: HTMLElement;
  readonly element: string;
  readonly #state: HTMLElement;
  readonly #time: HTMLTimeElement;
  readonly #act: HTMLButtonElement;
  #shown: ShownElement | undefined;
  #clock = "";

  /** @param act removes the element, or adds it back */
  constructor(element: string, act: (row: ElementRow) => void) {
    const fragment = fromTemplate("sets-row");
    const root = fragment.firstElementChild;
    if (!(root instanceof HTMLElement)) throw new Error("The template of a row is empty");
    this.root = root;
    this.element = element;
    this.#state = part(root, "state", HTMLElement);
    this.#time = part(root, "time", HTMLTimeElement);
    this.#act = part(root, "act", HTMLButtonElement);
    this.#act.addEventListener("click", () => act(this));
    showText(part(root, "element", HTMLElement), element);
  }

  get isRemoved(): boolean {
    return this.#shown?.removed === true;
  }

  draw(shown: ShownElement, nowMs: number): void {
    const clock = clockTime(shown.timestamp, nowMs);
    if (clock !== this.#clock) this.#time.textContent = this.#clock = clock;
    const former = this.#shown;
    if (former?.timestamp === shown.timestamp && former.removed === shown.removed && former.pending === shown.pending) {
      return;
    }
    this.#shown = shown;
    const iso = isoTime(shown.timestamp);
    this.#time.dateTime = iso;
    this.#time.title = `Last changed ${iso}`;
    setText(this.#state, shown.pending ? (shown.removed ? "removal pending" : "pending") : "");
    this.root.toggleAttribute("data-removed", shown.removed);
    const name = visibleString(this.element);
    this.#act.textContent = shown.removed ? "↶" : "×";
    this.#act.setAttribute("aria-label", shown.removed ? `Add ${name} back` : `Remove ${name}`);
    this.#act.title = shown.removed ? "Add back" : "Remove";
  }
}
