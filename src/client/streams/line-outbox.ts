/**
 * Lines of one source between being given and being acknowledged: sent within the server's credit, kept until they are
 * acknowledged, and sent again on the next connection if they are not. Order is kept, and nothing is dropped.
 *
 * Holds texts of many lines, so that a line costs nothing by itself.
 */

/** Whole lines, each ended by LF, none of them empty. */
interface Piece {
  readonly text: string;
  readonly lines: number;
}

/** A message's share of what a server takes in one: 4 MiB, of up to six bytes for a character. */
const MESSAGE_CHARS_MAX = 256 * 1024;
/** While something is under way, less than this waits for more, so that a source of single lines doesn't send as many messages. */
const WORTHWHILE_CHARS = 32 * 1024;

export class LineOutbox {
  /** The first are those that were sent and are not acknowledged. */
  #pieces: Piece[] = [];
  #sentPieces = 0;
  #sentLines = 0;
  /** Lines acknowledged on this connection. */
  #ackedLines = 0;
  #credit = 0;
  #lines = 0;
  #chars = 0;
  #unsentChars = 0;

  /** Lines that are not acknowledged. */
  get lines(): number {
    return this.#lines;
  }

  /** Characters that are not acknowledged, and so are kept. */
  get chars(): number {
    return this.#chars;
  }

  /** Characters that wait to be sent. */
  get unsentChars(): number {
    return this.#unsentChars;
  }

  /** @param text whole lines, each ended by LF, none of them empty */
  push(text: string, lines: number): void {
    if (lines === 0) return;
    this.#pieces.push({ text, lines });
    this.#lines += lines;
    this.#chars += text.length;
    this.#unsentChars += text.length;
  }

  /**
   * The next message, which then counts as sent; `undefined` where there is nothing, or no credit, or, unless `isLast`,
   * too little to be worth one yet.
   */
  take(isLast: boolean): string | undefined {
    if (!isLast && this.#sentLines > 0 && this.#unsentChars < WORTHWHILE_CHARS) return undefined;
    let text = "";
    for (;;) {
      const credit = this.#credit - this.#sentLines;
      const next = this.#pieces[this.#sentPieces];
      if (next === undefined || credit <= 0) break;
      const whole = next.lines <= credit ? this.#fitting(next, MESSAGE_CHARS_MAX - text.length) : undefined;
      const piece = whole ?? this.#split(next, Math.min(credit, this.#linesWithin(next, text.length)));
      if (piece === undefined) break;
      text += piece.text;
      this.#sentPieces += 1;
      this.#sentLines += piece.lines;
      this.#unsentChars -= piece.text.length;
    }
    return text === "" ? undefined : text;
  }

  /**
   * The server has so many lines of this connection, and takes so many more. Answers whether that can be.
   */
  ack(lines: number, credit: number): boolean {
    const more = lines - this.#ackedLines;
    if (more < 0 || more > this.#sentLines) return false;
    this.#ackedLines = lines;
    this.#credit = credit;
    this.#sentLines -= more;
    this.#lines -= more;
    this.#forget(more);
    return true;
  }

  /** A new connection: everything that was not acknowledged is to be sent again, once there is credit. */
  rewind(): void {
    this.#sentPieces = 0;
    this.#sentLines = 0;
    this.#ackedLines = 0;
    this.#credit = 0;
    this.#unsentChars = this.#chars;
  }

  #forget(lines: number): void {
    let left = lines;
    let gone = 0;
    for (const piece of this.#pieces) {
      if (piece.lines > left) break;
      left -= piece.lines;
      gone += 1;
      this.#chars -= piece.text.length;
    }
    if (gone > 0) this.#pieces.splice(0, gone);
    this.#sentPieces -= gone;
    const [first] = this.#pieces;
    if (left === 0 || first === undefined) return;
    const end = endOfLines(first.text, left);
    this.#pieces[0] = { text: first.text.slice(end), lines: first.lines - left };
    this.#chars -= end;
  }

  #fitting(piece: Piece, charsMax: number): Piece | undefined {
    return piece.text.length <= charsMax ? piece : undefined;
  }

  /** How many of its lines a message that is begun has room for; one at least, if it is not begun. */
  #linesWithin({ text }: Piece, begunChars: number): number {
    let lines = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) {
      if (end + 1 > MESSAGE_CHARS_MAX - begunChars) break;
      lines += 1;
    }
    return lines === 0 && begunChars === 0 ? 1 : lines;
  }

  /** Makes the piece two, the first of so many lines; `undefined` where that would be none. */
  #split(piece: Piece, lines: number): Piece | undefined {
    if (lines === 0) return undefined;
    if (lines === piece.lines) return piece;
    const end = endOfLines(piece.text, lines);
    const first = { text: piece.text.slice(0, end), lines };
    const rest = { text: piece.text.slice(end), lines: piece.lines - lines };
    this.#pieces.splice(this.#sentPieces, 1, first, rest);
    return first;
  }
}

/** Where the first `lines` lines end. */
function endOfLines(text: string, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line++) end = text.indexOf("\n", end) + 1;
  return end;
}
