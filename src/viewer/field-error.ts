/** The sentence beside a field that says what is wrong with it. It goes when the field is edited. */
export class FieldError {
  readonly #input: HTMLInputElement;
  readonly #host: HTMLElement;

  constructor(input: HTMLInputElement, host: HTMLElement) {
    this.#input = input;
    this.#host = host;
    input.addEventListener("input", () => this.clear());
  }

  /** What the field holds is wrong. */
  show(sentence: string): void {
    this.#input.ariaInvalid = "true";
    this.tell(sentence);
  }

  /** Something is wrong, but not with what the field holds. */
  tell(sentence: string): void {
    this.#host.textContent = sentence;
  }

  clear(): void {
    this.#input.ariaInvalid = null;
    this.#host.textContent = "";
  }
}
