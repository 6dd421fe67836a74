/** The records of a file in parts that a request can hold, as the bytes that they are in the file. */
import { limits } from "../../protocol/limits.ts";
import { isControlLine } from "./control-line.ts";
import { fileChunks, lineBlocks, linesOf } from "./line-blocks.ts";

export interface ImportPart {
  /** How many records come before. */
  readonly from: number;
  /** Whole lines, good until the next part is asked for. There may be cursor lines among them. */
  readonly lines: Buffer;
  /** How much of the file comes before the end of this part. */
  readonly endBytes: number;
}

/** With room for the header and the end. */
const PART_BYTES_MAX = limits.bodyBytesMax - 65_536;

/**
 * @param skip how many records are to be passed over
 * @param linesMax of a part, cursor lines included
 */
export async function* importParts(
  path: string,
  skip: number,
  linesMax: number,
): AsyncGenerator<ImportPart, void, undefined> {
  let blockBytes = 0;
  let skipped = 0;
  let from = skip;
  for await (const block of lineBlocks(fileChunks(path))) {
    /** The part is what comes between the two in the block, so many records among so many lines. */
    let [begin, end, records, lines] = [0, 0, 0, 0];
    for (const line of linesOf(block)) {
      const next = end + line.length + 1;
      const isRecord = !isControlLine(line);
      if (records > 0 && (lines === linesMax || next - begin > PART_BYTES_MAX)) {
        yield { from, lines: block.subarray(begin, end), endBytes: blockBytes + end };
        [from, begin, records, lines] = [from + records, end, 0, 0];
      }
      const isSkipped = isRecord && skipped < skip;
      if (isSkipped) skipped += 1;
      if (isRecord && !isSkipped) records += 1;
      if (records > 0) lines += 1;
      else begin = next;
      end = next;
    }
    if (records > 0) yield { from, lines: block.subarray(begin, end), endBytes: blockBytes + end };
    from += records;
    blockBytes += block.length;
  }
}
