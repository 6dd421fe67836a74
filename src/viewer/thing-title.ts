/** The title: which thing is shown, and the field to go to another one. */
import { FieldError } from "./field-error.ts";
import { part, setText } from "./parts.ts";
import type { View } from "./view.ts";
import { visibleString } from "./visible-text.ts";

export class ThingTitle {
  readonly #kind: HTMLElement;
  readonly #name: HTMLElement;
  readonly #label: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #error: FieldError;
  #view: View | undefined;
  #refused = false;

  constructor(root: ParentNode & Element, open: (view: View, name: string) => void) {
    this.#kind = part(root, "thing-kind", HTMLElement);
    this.#name = part(root, "thing-name", HTMLElement);
    this.#label = part(root, "switch-label", HTMLElement);
    this.#input = part(root, "switch-name", HTMLInputElement);
    this.#error = new FieldError(this.#input, part(root, "switch-error", HTMLElement));
    part(root, "switch", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const view = this.#view;
      const name = this.#input.value;
      if (view === undefined) return;
      const refusal = view.refuseName(name);
      if (refusal === undefined) open(view, name);
      else this.#error.show(refusal);
    });
  }

  /** The name in the address can't be one, and the field says why. */
  get isRefused(): boolean {
    return this.#refused;
  }

  show(view: View, name: string): void {
    this.#view = view;
    const refusal = view.refuseName(name);
    this.#refused = refusal !== undefined;
    const shown = this.#refused ? "Not a name" : visibleString(view.titled?.(name) ?? name);
    setText(this.#kind, view.kind);
    setText(this.#name, shown);
    setText(this.#label, view.openLabel);
    document.title = `${shown} · Weir`;
    this.#input.value = this.#refused || view.editsName === true ? name : "";
    this.#error.clear();
    if (refusal !== undefined) this.#error.show(refusal);
  }
}
