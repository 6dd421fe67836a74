/** What stands where the list would be when it has no rows: why, and what to do about it. */
import { part, setText } from "../parts.ts";
import { quoted } from "../quoted.ts";

export interface EmptyReason {
  readonly filter: string;
  /** No state of the set has been received yet. */
  readonly unread: boolean;
}

export class EmptyNote {
  readonly #root: HTMLElement;
  readonly #words: HTMLElement;
  readonly #command: HTMLElement;

  constructor(root: ParentNode & Element, setName: string) {
    this.#root = part(root, "empty", HTMLElement);
    this.#words = part(root, "empty-words", HTMLElement);
    this.#command = part(root, "empty-command", HTMLElement);
    // A percent-encoded name has no character that means anything to a shell, but for these.
    const segment = encodeURIComponent(setName).replaceAll(/['()!*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
    this.#command.textContent = `curl -X PUT ${location.origin}/sets/${segment}/elements/milk`;
  }

  /** @param reason `undefined` while there are rows */
  draw(reason: EmptyReason | undefined): void {
    this.#root.hidden = reason === undefined;
    if (reason === undefined) return;
    const { filter, unread } = reason;
    const isEmpty = filter === "" && !unread;
    this.#command.hidden = !isEmpty;
    if (filter !== "") setText(this.#words, `No element contains ${quoted(filter)}.`);
    else if (unread) setText(this.#words, "Nothing has been read yet.");
    else setText(this.#words, "This set is empty. Add its first element above, or from a terminal:");
  }
}
