/** The field for a new element. What can't be one is said beside it in a sentence, and the text stays to be corrected. */
import { utf8Length } from "../../core/text.ts";
import { limits } from "../../protocol/limits.ts";
import { ElementSchema } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";
import { FieldError } from "../field-error.ts";
import { part } from "../parts.ts";
import { count } from "./element-window.ts";

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

  /** What the server said later to something that was accepted here. */
  showError(sentence: string): void {
    this.#error.show(sentence);
  }
}

/** Why a text can't be an element, in a sentence. */
export function refuseElement(element: string): string | undefined {
  const result = parse(ElementSchema, element);
  if (result.ok) return undefined;
  const bytes = utf8Length(element);
  if (bytes > limits.elementBytesMax) {
    return `An element has at most ${count(limits.elementBytesMax)} bytes of UTF-8; this one has ${count(bytes)}.`;
  }
  return `An element ${result.problem.errors?.[0]?.message ?? "must be a text"}.`;
}
