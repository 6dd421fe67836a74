/** The latest changes of the set, newest first. What comes in bulk is noted as one line, for nobody reads a thousand. */
import { clockTime, isoTime } from "../clock-time.ts";
import { part } from "../parts.ts";
import type { ChangeBatch, LoggedChange } from "./change-batch.ts";
import { showText } from "./element-row.ts";
import { count } from "./element-window.ts";

/** About what fits beside the list. */
const LINES_MAX = 20;
export class ChangeLog {
  readonly #list: HTMLOListElement;
  readonly #empty: HTMLElement;

  constructor(root: ParentNode & Element) {
    this.#list = part(root, "log", HTMLOListElement);
    this.#empty = part(root, "log-empty", HTMLElement);
  }

  /** @param batch since the last time */
  draw(batch: ChangeBatch): void {
    if (batch.size === 0) return;
    const lines = batch.listed?.map(changeLine) ?? [bulkLine(batch)];
    this.#list.prepend(...lines.toReversed());
    while (this.#list.childElementCount > LINES_MAX) this.#list.lastElementChild?.remove();
    this.#empty.hidden = true;
  }
}

function changeLine({ element, op, atMs, own }: LoggedChange): HTMLLIElement {
  const what = document.createElement("bdi");
  showText(what, element);
  const line = logLine(atMs, op === "add" ? "+" : "−", op === "add" ? "added" : "removed", what);
  line.dataset["op"] = op;
  if (own) {
    const by = document.createElement("span");
    by.className = "by";
    by.textContent = " · here";
    what.after(by);
  }
  return line;
}

function bulkLine({ added, removed, lastMs }: ChangeBatch): HTMLLIElement {
  const parts = [added > 0 ? `${count(added)} added` : "", removed > 0 ? `${count(removed)} removed` : ""];
  return logLine(lastMs, "≡", "", parts.filter((each) => each !== "").join(", "));
}

function logLine(atMs: number, sign: string, said: string, content: Node | string): HTMLLIElement {
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = isoTime(atMs);
  time.textContent = clockTime(atMs, atMs);
  const op = document.createElement("span");
  op.className = "op";
  op.textContent = sign;
  // The sign is for the eyes, the word for the ears.
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
