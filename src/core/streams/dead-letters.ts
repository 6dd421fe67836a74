/** The dead letters of a turn, bounded: the newest are kept, each cut to a bounded length. */
import { utf8Length } from "../text.ts";
import { LINE_BYTES_MAX } from "./line.ts";
import type { StoredDeadLetter, StreamCommit } from "./stream-store.ts";

/** Of one stream. */
export const DEAD_LETTERS_MAX = 10_000;

export class DeadLetters {
  #added: StoredDeadLetter[] = [];
  #trimmed = 0;

  add(letter: StoredDeadLetter): void {
    this.#added.push({ ...letter, line: cut(letter.line) });
    // More than are kept may come in one turn.
    if (this.#added.length === 2 * DEAD_LETTERS_MAX) this.#added = this.#added.slice(DEAD_LETTERS_MAX);
  }

  /** @param last the id of the last that was ever added */
  take(last: number): Pick<StreamCommit, "deadLetters" | "deadLettersTrimmed"> {
    const deadLetters = this.#added.slice(-DEAD_LETTERS_MAX);
    this.#added = [];
    const trimmed = Math.max(0, last - DEAD_LETTERS_MAX);
    const isNew = trimmed > this.#trimmed;
    this.#trimmed = trimmed;
    return { deadLetters, deadLettersTrimmed: isNew ? trimmed : 0 };
  }
}

/** The longest beginning of `line` that a dead letter may hold. What is no text for lack of its other half is replaced. */
function cut(line: string): string {
  const text = line.length > LINE_BYTES_MAX ? line.slice(0, LINE_BYTES_MAX + 1) : line;
  if (utf8Length(text) <= LINE_BYTES_MAX) return text.toWellFormed();
  let bytes = 0;
  let kept = "";
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > LINE_BYTES_MAX) break;
    kept += character;
  }
  return kept.toWellFormed();
}
