/** The field for a new element. What can't be one is said beside it in a sentence, and the text stays to be corrected. */
import { FieldError } from "../field-error.ts";
import { part } from "../parts.ts";
import { refuseElement } from "./refusal-sentence.ts";

export class ElementForm {
  readonly #input: HTMLInputElement;
  readonly #error: FieldError;

  /** @param add says in a sentence why it didn't, if it didn't */
  constructor(root: ParentNode & Element, add: (element: string) => string | undefined) {
    this.#input = part(root, "add-element", HTMLInputElement);
    this.#error = new FieldError(this.#input, part(root, "add-error", HTMLElement));
    part(root, "add", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const element = this.#input.value;
      const refusal = refuseElement(element) ?? add(element);
      this.#input.focus();
      if (refusal !== undefined) return this.#error.show(refusal);
      this.#error.clear();
      this.#input.value = "";
    });
  }

  focus(): void {
    this.#input.focus();
  }

  /** Why something did not go through that isn't what the field holds now. */
  tell(sentence: string): void {
    this.#error.tell(sentence);
  }
}
