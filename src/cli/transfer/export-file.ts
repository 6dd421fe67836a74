/**
 * The file that an export is written to, page by page. Each page that is not the last ends with a cursor line, so the file
 * itself knows how far it is: whatever comes after its last cursor was cut, and is written again.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { AnyHeaderSchema, AnyEndSchema, CursorLineSchema } from "../../protocol/transfer.ts";
import type { ExportedFeature } from "../../protocol/transfer.ts";
import { DamagedFile, isControlLine, parseLine } from "./checked-file.ts";
import { fileLines } from "./file-lines.ts";

/** How far a file is. */
interface Standing {
  /** What is whole of it. */
  readonly wholeBytes: number;
  readonly cursor: string | undefined;
  readonly isComplete: boolean;
}

const NEW: Standing = { wholeBytes: 0, cursor: undefined, isComplete: false };

export class ExportFile {
  readonly path: string;
  /** Has its end line already. */
  readonly isComplete: boolean;
  /** Where to go on; `undefined` at the beginning. */
  readonly cursor: string | undefined;
  readonly #file: number;
  #sizeBytes: number;

  private constructor(path: string, { wholeBytes, cursor, isComplete }: Standing) {
    this.path = path;
    this.cursor = cursor;
    this.isComplete = isComplete;
    this.#file = openSync(path, existsSync(path) ? "r+" : "w+", 0o600);
    this.#sizeBytes = wholeBytes;
    if (!isComplete) ftruncateSync(this.#file, wholeBytes);
  }

  /** @throws DamagedFile if what is there is not an export of `name`, cut or whole */
  static async open(path: string, feature: ExportedFeature, name: string): Promise<ExportFile> {
    return new ExportFile(path, existsSync(path) ? await standingOf(path, feature, name) : NEW);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(lines: readonly string[]): void {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#file, bytes, written, bytes.length - written, this.#sizeBytes + written);
    }
    this.#sizeBytes += bytes.length;
  }

  /** Forgets all that was written. */
  restart(): void {
    ftruncateSync(this.#file, 0);
    this.#sizeBytes = 0;
  }

  /** Resolves once everything is on the disk. */
  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

async function standingOf(path: string, feature: ExportedFeature, name: string): Promise<Standing> {
  let standing: Standing | undefined;
  for await (const { text, endBytes } of fileLines(path)) {
    if (standing === undefined) {
      const header = parseLine(AnyHeaderSchema, text);
      if (header?.feature !== feature || header.name !== name) {
        throw new DamagedFile(`${path} is there already, and is no export of ${feature} ${JSON.stringify(name)}.`);
      }
      standing = NEW;
    } else if (isControlLine(text)) {
      const cursor = parseLine(CursorLineSchema, text)?.cursor;
      if (cursor !== undefined) standing = { wholeBytes: endBytes, cursor, isComplete: false };
      else if (parseLine(AnyEndSchema, text) !== undefined) {
        standing = { wholeBytes: endBytes, cursor: undefined, isComplete: true };
      }
    }
  }
  return standing ?? NEW;
}
