/** The lines of a file, one after the other, however long it is: what is held is one line and what was read with it. */
import { open } from "node:fs/promises";

export interface FileLine {
  readonly text: string;
  /** Where the next line begins, in bytes. */
  readonly endBytes: number;
}

const LF = 0x0a;
const READ_BYTES = 1 << 20;

/** Lines that are ended by LF; what comes after the last LF is no line. */
export async function* fileLines(path: string): AsyncGenerator<FileLine, void, undefined> {
  const file = await open(path);
  try {
    let rest = Buffer.alloc(0);
    let endBytes = 0;
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let from = 0;
      for (let to = bytes.indexOf(LF); to !== -1; to = bytes.indexOf(LF, from)) {
        endBytes += to + 1 - from;
        yield { text: bytes.toString("utf8", from, to), endBytes };
        from = to + 1;
      }
      rest = bytes.subarray(from);
    }
  } finally {
    await file.close();
  }
}
