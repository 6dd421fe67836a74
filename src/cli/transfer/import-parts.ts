/** The records of a file in parts that a request can hold. */
import { limits } from "../../protocol/limits.ts";
import { isControlLine } from "./checked-file.ts";
import { fileLines } from "./file-lines.ts";

export interface RecordsPart {
  /** How many records come before. */
  readonly from: number;
  readonly records: readonly unknown[];
  /** How much of the file is behind it. */
  readonly endBytes: number;
}

/** With room for the header and the end. */
const PART_RECORDS_MAX = 5_000;
const PART_BYTES_MAX = limits.bodyBytesMax - 65_536;

/** @param skip how many records are to be passed over */
export async function* importParts(path: string, skip: number): AsyncGenerator<RecordsPart, void, undefined> {
  let [from, read, bytes, endBytes] = [skip, 0, 0, 0];
  let records: unknown[] = [];
  for await (const line of fileLines(path)) {
    if (isControlLine(line.text) || read++ < skip) continue;
    const lineBytes = Buffer.byteLength(line.text) + 1;
    if (records.length === PART_RECORDS_MAX || (bytes + lineBytes > PART_BYTES_MAX && records.length > 0)) {
      yield { from, records, endBytes };
      [from, bytes, records] = [from + records.length, 0, []];
    }
    records.push(JSON.parse(line.text));
    bytes += lineBytes;
    ({ endBytes } = line);
  }
  if (records.length > 0) yield { from, records, endBytes };
}
