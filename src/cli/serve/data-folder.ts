/**
 * The folder that a server keeps everything in: `objects` (the durable data, alone worth a backup), `bundle` (rebuilt at
 * each start) and `lock`.
 *
 * The lock is one that the operating system holds on a database file for the life of the process, so a process that was
 * killed leaves none behind and no process id has to be believed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { patiently } from "./patience.ts";
import { Refusal } from "./refusal.ts";

export class DataFolder {
  readonly path: string;
  readonly #lock: DatabaseSync;

  private constructor(path: string, lock: DatabaseSync) {
    this.path = path;
    this.#lock = lock;
  }

  get objectsDir(): string {
    return join(this.path, "objects");
  }

  get bundleDir(): string {
    return join(this.path, "bundle");
  }

  /** Creates the folder if need be, and takes it for this process alone. */
  static async open(path: string): Promise<DataFolder> {
    try {
      makeFolder(join(path, "objects"));
      writeFileSync(join(path, "objects", ".writable"), "");
    } catch (error) {
      throw new Refusal(
        `The data folder ${path} is not writable (${messageOf(error)}): set WEIR_DATA to a folder that is.`,
      );
    }
    const lockPath = join(path, "lock");
    const lock = await patiently(() => takeLock(lockPath));
    if (lock === undefined) throw new Refusal(inUse(path, lockPath));
    writeFileSync(`${lockPath}.pid`, `${process.pid}\n`);
    return new DataFolder(path, lock);
  }

  close(): void {
    this.#lock.close();
  }
}

/** With all that it is in. Node's own way of doing so never ends where the system says that what it is in is not there. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Unless another process did it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

function takeLock(path: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(path);
  try {
    lock.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked|busy/.test(error.message)) return undefined;
    throw error;
  }
}

function inUse(path: string, lockPath: string): string {
  let holder = "another process";
  try {
    holder = `process ${readFileSync(`${lockPath}.pid`, "utf8").trim()}`;
  } catch {
    // Whoever holds it has not written down who it is yet; that it is held is what matters.
  }
  return `The data folder ${path} is in use by ${holder}: stop that server, or set WEIR_DATA to another folder.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
