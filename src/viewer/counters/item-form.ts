/** Reports one item, and says what became of it. The id stays in its field: sent again, it is a duplicate. */
import { limits } from "../../protocol/limits.ts";
import { ItemIdSchema } from "../../protocol/names.ts";
import { FieldError } from "../field-error.ts";
import { part } from "../parts.ts";
import { refuseName } from "../refuse-name.ts";
import { utf8Length } from "../../core/text.ts";
import { count } from "../count-words.ts";
import { visibleString } from "../visible-text.ts";

export class ItemForm {
  readonly #tenant: HTMLSelectElement;
  readonly #id: HTMLInputElement;
  readonly #error: FieldError;

  constructor(root: ParentNode & Element, tenants: readonly string[], report: (tenant: string, id: string) => void) {
    this.#tenant = part(root, "item-tenant", HTMLSelectElement);
    this.#id = part(root, "item-id", HTMLInputElement);
    this.#error = new FieldError(this.#id, part(root, "item-error", HTMLElement));
    this.#tenant.append(...tenants.map((tenant) => new Option(visibleString(tenant), tenant)));
    part(root, "item", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const id = this.#id.value;
      const refusal = refuseItemId(id);
      this.#id.select();
      if (refusal !== undefined) return this.#error.show(refusal);
      this.#error.clear();
      report(this.#tenant.value, id);
    });
  }

  /** Why something did not go through. */
  tell(sentence: string): void {
    this.#error.tell(sentence);
  }
}

function refuseItemId(id: string): string | undefined {
  const bytes = utf8Length(id);
  if (bytes > limits.elementBytesMax) {
    return `An id has at most ${count(limits.elementBytesMax)} bytes of UTF-8; this one has ${count(bytes)}.`;
  }
  return refuseName("An id", ItemIdSchema, id);
}
