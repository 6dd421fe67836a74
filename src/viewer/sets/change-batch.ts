/**
 * What changed since the page was drawn last. A page in the background isn't drawn, for days perhaps, so this is bounded:
 * past {@link LISTED_MAX} changes are counted rather than kept, since nobody reads a thousand.
 */

export const LISTED_MAX = 12;

export interface LoggedChange {
  readonly element: string;
  readonly op: "add" | "remove";
  /** When the page learnt of it, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Made on this page. */
  readonly own: boolean;
}

export class ChangeBatch {
  #listed: LoggedChange[] = [];
  #added = 0;
  #removed = 0;
  #lastMs = 0;

  push(change: LoggedChange): void {
    if (change.op === "add") this.#added += 1;
    else this.#removed += 1;
    this.#lastMs = change.atMs;
    if (this.#listed.length < LISTED_MAX) this.#listed.push(change);
  }

  get added(): number {
    return this.#added;
  }

  get removed(): number {
    return this.#removed;
  }

  get size(): number {
    return this.#added + this.#removed;
  }

  /** Of the last change. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** All of them, oldest first; `undefined` if there were too many. */
  get listed(): readonly LoggedChange[] | undefined {
    return this.size === this.#listed.length ? this.#listed : undefined;
  }
}
