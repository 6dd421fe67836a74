/** A short list of what happened, newest first, and a sentence where nothing did. Older lines go when there are many. */
import { clockTime, isoTime } from "./clock-time.ts";
import { part } from "./parts.ts";

/** About what fits beside a list. */
const LINES_MAX = 20;

export class LogList {
  readonly #list: HTMLOListElement;
  readonly #empty: HTMLElement;

  constructor(root: ParentNode & Element) {
    this.#list = part(root, "log", HTMLOListElement);
    this.#empty = part(root, "log-empty", HTMLElement);
  }

  /** @param lines oldest first */
  add(...lines: readonly HTMLLIElement[]): void {
    this.#list.prepend(...lines.toReversed());
    while (this.#list.childElementCount > LINES_MAX) this.#list.lastElementChild?.remove();
    this.#empty.hidden = true;
  }

  clear(): void {
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }
}

/**
 * @param sign for the eyes
 * @param said the same for the ears
 */
export function logLine(atMs: number, sign: string, said: string, content: Node | string): HTMLLIElement {
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = isoTime(atMs);
  time.textContent = clockTime(atMs, atMs);
  const op = document.createElement("span");
  op.className = "op";
  op.textContent = sign;
  op.ariaHidden = "true";
  const what = document.createElement("span");
  what.className = "what";
  const word = document.createElement("span");
  word.className = "unseen";
  word.textContent = `${said} `;
  what.append(word, content);
  line.append(time, op, what);
  return line;
}
