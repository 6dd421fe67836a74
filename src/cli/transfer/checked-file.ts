/** Reads an export from beginning to end and says whether it is whole: nothing cut off, lost, doubled or altered. */
import { formatDigest } from "../../core/sets/digest.ts";
import { addLine } from "../../core/transfer/line-digest.ts";
import { AnyEndSchema, AnyHeaderSchema, CursorLineSchema } from "../../protocol/transfer.ts";
import type { AnyEnd, AnyHeader } from "../../protocol/transfer.ts";
import { isControlLine, parseLine } from "./control-line.ts";
import { fileChunks, lineBlocks, linesOf } from "./line-blocks.ts";
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

export async function checkFile(path: string): Promise<CheckedFile> {
  const check = new FileCheck(path);
  let sizeBytes = 0;
  for await (const block of lineBlocks(fileChunks(path))) {
    for (const line of linesOf(block)) check.take(line);
    sizeBytes += block.length;
  }
  return { ...check.finish(), sizeBytes };
}

class FileCheck {
  readonly #path: string;
  #header: AnyHeader | undefined;
  #end: AnyEnd | undefined;
  #records = 0;
  #digest = 0n;

  constructor(path: string) {
    this.#path = path;
  }

  take(line: Buffer): void {
    if (this.#header === undefined) {
      this.#header = parseLine(AnyHeaderSchema, line);
      if (this.#header === undefined) throw this.#damaged("does not begin like an export that is known here");
      return;
    }
    if (this.#end !== undefined) throw this.#damaged("goes on after its end line");
    if (isControlLine(line)) {
      this.#end = parseLine(AnyEndSchema, line);
      if (this.#end !== undefined || parseLine(CursorLineSchema, line) !== undefined) return;
      throw this.#damaged(`has a line that makes no sense, after ${this.#records} records`);
    }
    this.#records += 1;
    this.#digest = addLine(this.#digest, line, nodeHash64);
  }

  finish(): Pick<CheckedFile, "header" | "end"> {
    const [header, end, records] = [this.#header, this.#end, this.#records];
    if (header === undefined) throw this.#damaged("is empty");
    if (end === undefined) {
      throw this.#damaged(`was cut after ${records} records. Run the same weir export again: it goes on from there`);
    }
    if (end.id !== header.id) throw this.#damaged("begins with one export and ends with another");
    if (end.records !== records || end.digest !== formatDigest(this.#digest)) {
      throw this.#damaged(`is damaged: its ${records} records are not the ${end.records} that were exported`);
    }
    return { header, end };
  }

  #damaged(what: string): DamagedFile {
    return new DamagedFile(`${this.#path} ${what}.`);
  }
}
