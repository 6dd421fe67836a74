/**
 * The file that an export is written to as it comes. Each page that is not the last ends with a cursor line, so the file
 * itself knows how far it is: whatever comes after its last cursor was cut, and is written again.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { AnyHeaderSchema, AnyEndSchema, CursorLineSchema } from "../../protocol/transfer.ts";
import type { ExportedFeature } from "../../protocol/transfer.ts";
import { DamagedFile } from "./checked-file.ts";
import { isControlLine, parseLine } from "./control-line.ts";
import { fileChunks, lineBlocks, linesOf } from "./line-blocks.ts";

/** How far a file is. */
interface Standing {
  /** What is whole of it. */
  readonly wholeBytes: number;
  /** Where to go on; `undefined` at the beginning and at the end. */
  readonly cursor: string | undefined;
  /** Which part of the export it has, from 0 to 1, about. */
  readonly done: number;
  /** Has its end line. */
  readonly isComplete: boolean;
}

const NEW: Standing = { wholeBytes: 0, cursor: undefined, done: 0, isComplete: false };

export class ExportFile {
  readonly path: string;
  readonly #file: number;
  #standing: Standing;
  #sizeBytes: number;

  private constructor(path: string, standing: Standing) {
    this.path = path;
    this.#standing = standing;
    this.#file = openSync(path, existsSync(path) ? "r+" : "w+", 0o600);
    this.#sizeBytes = standing.wholeBytes;
    if (!standing.isComplete) this.rewind();
  }

  /** @throws DamagedFile if what is there is not an export of `name`, cut or whole */
  static async open(path: string, feature: ExportedFeature, name: string): Promise<ExportFile> {
    return new ExportFile(path, existsSync(path) ? await standingOf(path, feature, name) : NEW);
  }

  get standing(): Standing {
    return this.#standing;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @param lines whole ones */
  append(lines: Buffer): void {
    for (let written = 0; written < lines.length;) {
      written += writeSync(this.#file, lines, written, lines.length - written, this.#sizeBytes + written);
    }
    this.#standing = standingAfter(this.#standing, lines, this.#sizeBytes);
    this.#sizeBytes += lines.length;
  }

  /** Forgets what comes after the last whole page. */
  rewind(): void {
    this.#sizeBytes = this.#standing.wholeBytes;
    ftruncateSync(this.#file, this.#sizeBytes);
  }

  /** Forgets all that was written. */
  restart(): void {
    this.#standing = NEW;
    this.rewind();
  }

  /** Resolves once everything is on the disk. */
  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

async function standingOf(path: string, feature: ExportedFeature, name: string): Promise<Standing> {
  let standing = NEW;
  let sizeBytes = 0;
  for await (const block of lineBlocks(fileChunks(path))) {
    if (sizeBytes === 0) requireHeader(block, path, feature, name);
    standing = standingAfter(standing, block, sizeBytes);
    sizeBytes += block.length;
  }
  return standing;
}

/** @param sizeBytes how much of the file comes before `lines` */
function standingAfter(before: Standing, lines: Buffer, sizeBytes: number): Standing {
  let standing = before;
  let wholeBytes = sizeBytes;
  for (const line of linesOf(lines)) {
    wholeBytes += line.length + 1;
    if (!isControlLine(line)) continue;
    const next = parseLine(CursorLineSchema, line);
    if (next !== undefined) {
      const { cursor, done = 0 } = next;
      standing = { wholeBytes, cursor, done, isComplete: false };
    } else if (parseLine(AnyEndSchema, line) !== undefined) {
      standing = { wholeBytes, cursor: undefined, done: 1, isComplete: true };
    }
  }
  return standing;
}

function requireHeader(block: Buffer, path: string, feature: ExportedFeature, name: string): void {
  const [first] = linesOf(block);
  const header = first === undefined ? undefined : parseLine(AnyHeaderSchema, first);
  if (header?.feature !== feature || header.name !== name) {
    throw new DamagedFile(`${path} is there already, and is no export of ${feature} ${JSON.stringify(name)}.`);
  }
}
