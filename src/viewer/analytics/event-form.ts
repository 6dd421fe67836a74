/** Records one event, for trying it out. The user stays in the field: another event of theirs is no other user. */
import type { EventKind } from "../../core/analytics/decide.ts";
import { UserSchema } from "../../protocol/names.ts";
import { FieldError } from "../field-error.ts";
import { part } from "../parts.ts";
import { refuseName } from "../refuse-name.ts";

export class EventForm {
  readonly #user: HTMLInputElement;
  readonly #error: FieldError;

  constructor(root: ParentNode & Element, record: (user: string, event: EventKind) => void) {
    this.#user = part(root, "event-user", HTMLInputElement);
    this.#error = new FieldError(this.#user, part(root, "event-error", HTMLElement));
    const click = part(root, "event-click", HTMLInputElement);
    part(root, "event", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const user = this.#user.value;
      const refusal = refuseName("The name of a user", UserSchema, user);
      this.#user.select();
      if (refusal !== undefined) return this.#error.show(refusal);
      this.#error.clear();
      record(user, click.checked ? "click" : "impression");
    });
  }

  /** Why something did not go through. */
  tell(sentence: string): void {
    this.#error.tell(sentence);
  }
}
