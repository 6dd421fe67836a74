/** Reads an export from beginning to end and says whether it is whole: nothing cut off, lost, doubled or altered. */
import * as v from "valibot";
import { formatDigest } from "../../core/sets/digest.ts";
import { addLine } from "../../core/transfer/line-digest.ts";
import { AnyEndSchema, AnyHeaderSchema, CursorLineSchema } from "../../protocol/transfer.ts";
import type { AnyEnd, AnyHeader } from "../../protocol/transfer.ts";
import { fileLines } from "./file-lines.ts";
import { nodeHash64 } from "./node-hash64.ts";

export interface CheckedFile {
  readonly header: AnyHeader;
  readonly end: AnyEnd;
  readonly sizeBytes: number;
}

/** The file is no whole export; the message says what is wrong with it. */
export class DamagedFile extends Error {
  override readonly name = "DamagedFile";
}

/** @param onBytes told how far it is */
export async function checkFile(path: string, onBytes: (bytes: number) => void = () => {}): Promise<CheckedFile> {
  let header: AnyHeader | undefined;
  let end: AnyEnd | undefined;
  let [records, digest, sizeBytes] = [0, 0n, 0];
  for await (const { text, endBytes } of fileLines(path)) {
    sizeBytes = endBytes;
    onBytes(endBytes);
    if (header === undefined) {
      header = parseLine(AnyHeaderSchema, text);
      if (header === undefined) throw new DamagedFile(`${path} does not begin like an export that is known here.`);
      continue;
    }
    if (end !== undefined) throw new DamagedFile(`${path} goes on after its end line.`);
    if (isControlLine(text)) {
      end = parseLine(AnyEndSchema, text);
      if (end !== undefined || parseLine(CursorLineSchema, text) !== undefined) continue;
      throw new DamagedFile(`${path} has a line that makes no sense, after ${records} records.`);
    }
    records += 1;
    digest = addLine(digest, text, nodeHash64);
  }
  if (header === undefined) throw new DamagedFile(`${path} is empty.`);
  if (end === undefined) {
    throw new DamagedFile(
      `${path} was cut after ${records} records. Run the same weir export again: it goes on from there.`,
    );
  }
  if (end.id !== header.id) throw new DamagedFile(`${path} begins with one export and ends with another.`);
  if (end.records !== records || end.digest !== formatDigest(digest)) {
    throw new DamagedFile(`${path} is damaged: its ${records} records are not the ${end.records} that were exported.`);
  }
  return { header, end, sizeBytes };
}

/** Lines that are no records say so first. */
export function isControlLine(text: string): boolean {
  return text.startsWith('{"weir":');
}

export function parseLine<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return parsed.success ? parsed.output : undefined;
}
