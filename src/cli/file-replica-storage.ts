/**
 * A replica's queue in a file: a log of what was put and removed, one JSON line each, so that keeping an operation costs
 * one append however many wait. Survives the death of the process at any instant; a line cut short by it is ignored.
 *
 * Not flushed to the disk each time: the machine losing power may lose the last moments.
 */
import {
  appendFileSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { MemoryReplicaStorage, parseStoredEntry } from "../client/index.ts";
import type { Entry, ReplicaStorage } from "../client/index.ts";

/** Lines that say nothing any more, past which the file is written anew. */
const STALE_LINES_MAX = 10_000;

export class FileReplicaStorage implements ReplicaStorage {
  readonly #path: string;
  readonly #entries = new MemoryReplicaStorage();
  #file: number;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    for (const line of readLines(path)) this.#replay(line);
    this.#file = this.#rewrite();
  }

  load(): readonly Entry[] {
    return this.#entries.load();
  }

  put(entry: Entry): void {
    this.#append("+", [entry]);
    this.#entries.put(entry);
  }

  remove(entries: readonly Entry[]): void {
    this.#entries.remove(entries);
    this.#append("-", entries);
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(sign: "+" | "-", entries: readonly Entry[]): void {
    const { size } = fstatSync(this.#file);
    try {
      appendFileSync(this.#file, entries.map((entry) => toLine(sign, entry)).join(""));
    } catch (error) {
      // On a full disk a part may have been written, and the next line would be glued to it.
      ftruncateSync(this.#file, size);
      throw error;
    }
    this.#lines += entries.length;
    if (this.#lines <= STALE_LINES_MAX || this.#lines <= 2 * this.#entries.load().length) return;
    closeSync(this.#file);
    this.#file = this.#rewrite();
  }

  #replay(line: string): void {
    const entry = parseStoredEntry(line.slice(1));
    if (entry === undefined) return;
    if (line.startsWith("+")) this.#entries.put(entry);
    else if (line.startsWith("-")) this.#entries.remove([entry]);
  }

  /** Whoever dies in here leaves the former file or the new one. */
  #rewrite(): number {
    const entries = this.#entries.load();
    const half = `${this.#path}.${process.pid}`;
    writeFileSync(half, entries.map((entry) => toLine("+", entry)).join(""));
    renameSync(half, this.#path);
    this.#lines = entries.length;
    return openSync(this.#path, "a");
  }
}

function toLine(sign: "+" | "-", { element, op, timestamp }: Entry): string {
  return `${sign}${JSON.stringify({ element, op, timestamp })}\n`;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
