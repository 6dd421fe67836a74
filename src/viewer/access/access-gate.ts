/** The panel that says why the server doesn't let the page in, and takes a token. Hidden while it does. */
import type { ConnectionStatus } from "../connection-words.ts";
import { FieldError } from "../field-error.ts";
import { part, setText } from "../parts.ts";
import { accessWords, refuseToken } from "./access-words.ts";
import { readTabToken, writeTabToken } from "./tab-token.ts";

export class AccessGate {
  readonly #root: HTMLElement;
  readonly #title: HTMLElement;
  readonly #why: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #forget: HTMLButtonElement;
  readonly #error: FieldError;
  readonly #announce: (text: string) => void;

  /** @param changed called when the page has another token, or none */
  constructor(root: HTMLElement, announce: (text: string) => void, changed: () => void) {
    this.#root = root;
    this.#announce = announce;
    this.#title = part(root, "access-title", HTMLElement);
    this.#why = part(root, "access-why", HTMLElement);
    this.#input = part(root, "access-token", HTMLInputElement);
    this.#forget = part(root, "access-forget", HTMLButtonElement);
    this.#error = new FieldError(this.#input, part(root, "access-error", HTMLElement));
    const use = (token: string | undefined): void => {
      writeTabToken(token);
      this.#input.value = "";
      this.#error.clear();
      this.#root.hidden = true;
      changed();
    };
    this.#forget.addEventListener("click", () => use(undefined));
    part(root, "access-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.#input.value.trim();
      const refusal = refuseToken(token);
      if (refusal === undefined) return use(token);
      this.#input.focus();
      this.#error.show(refusal);
    });
  }

  show(refusal: ConnectionStatus["refusal"]): void {
    if (refusal === undefined) {
      this.#root.hidden = true;
      return;
    }
    const hasToken = readTabToken() !== undefined;
    const { title, why } = accessWords(refusal, hasToken);
    setText(this.#title, title);
    setText(this.#why, why);
    this.#forget.hidden = !hasToken;
    if (!this.#root.hidden) return;
    this.#root.hidden = false;
    this.#announce(`${title}. ${why}`);
    this.#input.focus();
  }
}
