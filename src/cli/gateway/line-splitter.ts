/**
 * From the bytes of a TCP connection, cut anywhere, to whole lines as text, many at a time. Lines stay byte for byte what
 * they are, CR included; empty ones are left out.
 *
 * Bytes that are no UTF-8 can't be handed on as they are, and must not become another line that makes sense. So such a
 * line gets a replacement character in front, where a number has to be, and ends among the dead letters.
 */
import { isAscii, isUtf8 } from "node:buffer";

const LF = 0x0a;
const CR = 0x0d;
/** Longer lines are cut: that much is malformed already, and all that a dead letter shows of it. */
export const LINE_KEPT_BYTES_MAX = 4_096;
const NO_NUMBER = "\ufffd";

/** Whole lines, each ended by LF, none of them empty. */
export interface Lines {
  readonly text: string;
  readonly count: number;
}

const NONE: Lines = { text: "", count: 0 };

export class LineSplitter {
  /** The beginning of a line whose end has not come. */
  #tail: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Lines {
    const end = chunk.lastIndexOf(LF) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return NONE;
    }
    const whole = this.#tail.length === 0 ? chunk.subarray(0, end) : this.#complete(chunk.subarray(0, end));
    this.#tail = Buffer.alloc(0);
    this.#keep(chunk.subarray(end));
    return toLines(whole);
  }

  /** No more will come: what is left is the last line. */
  end(): Lines {
    const rest = this.#tail;
    this.#tail = Buffer.alloc(0);
    return rest.length === 0 ? NONE : toLines(Buffer.concat([rest, Buffer.of(LF)]));
  }

  #keep(bytes: Buffer): void {
    const room = LINE_KEPT_BYTES_MAX - this.#tail.length;
    if (bytes.length > 0 && room > 0) this.#tail = Buffer.concat([this.#tail, bytes.subarray(0, room)]);
  }

  /** Of a line that was cut, the rest up to its end goes too. */
  #complete(chunk: Buffer): Buffer {
    const isCut = this.#tail.length === LINE_KEPT_BYTES_MAX;
    return Buffer.concat([this.#tail, isCut ? chunk.subarray(chunk.indexOf(LF)) : chunk]);
  }
}

/** @param bytes whole lines */
function toLines(bytes: Buffer): Lines {
  let count = 0;
  let isEmpty = false;
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== LF) continue;
    const length = at - start;
    if (length === 0 || (length === 1 && bytes[start] === CR)) isEmpty = true;
    count += 1;
    start = at + 1;
  }
  if (isEmpty || !isUtf8(bytes)) return oneByOne(bytes);
  return { text: bytes.toString(isAscii(bytes) ? "latin1" : "utf8"), count };
}

function oneByOne(bytes: Buffer): Lines {
  let text = "";
  let count = 0;
  let start = 0;
  for (let end = bytes.indexOf(LF) + 1; end > 0; end = bytes.indexOf(LF, start) + 1) {
    const line = bytes.subarray(start, end);
    start = end;
    const isEmpty = line.length === 1 || (line.length === 2 && line[0] === CR);
    if (isEmpty) continue;
    text += isUtf8(line) ? line.toString() : NO_NUMBER + line.toString();
    count += 1;
  }
  return { text, count };
}
