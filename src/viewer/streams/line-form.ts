/** Sends one event. After it the field holds the number that comes next, so that a stream can be fed by pressing Enter. */
import { FieldError } from "../field-error.ts";
import { part } from "../parts.ts";
import { parseLine } from "../../core/streams/line.ts";

export class LineForm {
  readonly #input: HTMLInputElement;
  readonly #error: FieldError;

  constructor(root: ParentNode & Element, send: (line: string) => void) {
    this.#input = part(root, "line-text", HTMLInputElement);
    this.#error = new FieldError(this.#input, part(root, "line-error", HTMLElement));
    part(root, "line", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const line = this.#input.value;
      const refusal = refuseLine(line);
      if (refusal !== undefined) return this.#error.show(refusal);
      this.#error.clear();
      send(line);
    });
  }

  /** The stream is at `cursor`. What someone has written stays. */
  suggest(cursor: number): void {
    if (this.#input.value === "") this.#input.value = `${cursor + 1}|B`;
  }

  /** The line was taken, so it would be a duplicate. */
  sent(line: string): void {
    const event = parseLine(line);
    if (this.#input.value !== line || typeof event === "string") return;
    this.#input.value = line.replace(/^\d+/, String(event.sequence + 1));
  }

  /** Why something did not go through. */
  tell(sentence: string): void {
    this.#error.tell(sentence);
  }
}

/** What the stream would keep as a dead letter is better said here. */
export function refuseLine(line: string): string | undefined {
  const event = parseLine(line);
  if (event === "unknown_type") return "The type must be one of F, U, B, P and S.";
  return event === "malformed"
    ? "A line is <number>|B, <number>|S|<from>, or <number>|F, U or P|<from>|<to>."
    : undefined;
}
