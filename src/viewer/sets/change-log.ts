/** The latest changes of the set, newest first. What comes in bulk is noted as one line, for nobody reads a thousand. */
import { count } from "../count-words.ts";
import { LogList, logLine } from "../log-list.ts";
import { showText } from "../shown-text.ts";
import type { ChangeBatch, LoggedChange } from "./change-batch.ts";

export class ChangeLog {
  readonly #list: LogList;

  constructor(root: ParentNode & Element) {
    this.#list = new LogList(root);
  }

  /** @param batch since the last time */
  draw(batch: ChangeBatch): void {
    if (batch.size === 0) return;
    const lines = batch.listed?.map(changeLine) ?? [bulkLine(batch)];
    this.#list.add(...lines);
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
