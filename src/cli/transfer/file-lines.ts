/** The lines of a file, one after the other, however long it is: one buffer is read into again and again. */
import { open } from "node:fs/promises";

export interface FileLine {
  readonly text: string;
  /** Where the next line begins, in bytes. */
  readonly endBytes: number;
}

const LF = 0x0a;
const BUFFER_BYTES = 1 << 18;

/** Lines that are ended by LF; what comes after the last LF is no line. */
export async function* fileLines(path: string): AsyncGenerator<FileLine, void, undefined> {
  const file = await open(path);
  try {
    let buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    /** The beginning of a line whose end was not read yet, at the beginning of the buffer. */
    let held = 0;
    let endBytes = 0;
    for (;;) {
      if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * buffer.length);
      const { bytesRead } = await file.read(buffer, held, buffer.length - held);
      if (bytesRead === 0) return;
      const filled = held + bytesRead;
      let from = 0;
      for (let to = buffer.indexOf(LF, held); to !== -1 && to < filled; to = buffer.indexOf(LF, from)) {
        endBytes += to + 1 - from;
        yield { text: buffer.toString("utf8", from, to), endBytes };
        from = to + 1;
      }
      buffer.copyWithin(0, from, filled);
      held = filled - from;
    }
  } finally {
    await file.close();
  }
}
