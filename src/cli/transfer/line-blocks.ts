/**
 * Lines out of bytes, however many those are: as blocks of whole lines, in one buffer that is used again and again, and never
 * as text. A line that is made into a string leaves garbage behind that Node collects when it pleases, which for millions of
 * lines is a hundred megabytes later.
 */
import { open } from "node:fs/promises";

const LF = 0x0a;
const READ_BYTES = 1 << 18;

/** The bytes of a file. A chunk is good until the next is asked for. */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * One or more whole lines at a time, each ended by LF; what comes after the last LF is no line. A block is good until the
 * next is asked for.
 */
export async function* lineBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let buffer = Buffer.allocUnsafe(2 * READ_BYTES);
  /** The beginning of a line whose end has not come yet, at the beginning of the buffer. */
  let held = 0;
  for await (const chunk of chunks) {
    if (held + chunk.length > buffer.length) buffer = Buffer.concat([buffer], 2 * (held + chunk.length));
    buffer.set(chunk, held);
    const filled = held + chunk.length;
    const wholeBytes = buffer.lastIndexOf(LF, filled - 1) + 1;
    if (wholeBytes > 0) yield buffer.subarray(0, wholeBytes);
    buffer.copyWithin(0, wholeBytes, filled);
    held = filled - wholeBytes;
  }
}

/** The lines of a block, without their LF. */
export function* linesOf(block: Buffer): Generator<Buffer, void, undefined> {
  for (let from = 0; from < block.length;) {
    const to = block.indexOf(LF, from);
    yield block.subarray(from, to);
    from = to + 1;
  }
}
