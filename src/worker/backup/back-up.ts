/**
 * One step of a backup: a page of one thing's export into the bucket. Everything that a step does can be done again, so a
 * crash between two steps costs one step. Erased things are found out here, and leave the inventory.
 */
import type { Problem } from "../../protocol/problem.ts";
import type { ExportPage } from "../../protocol/transfer.ts";
import type { Result } from "../../protocol/problem.ts";
import { logError } from "../log.ts";
import { partKey } from "./backup-keys.ts";
import type { BackupRun, InventoryStore, ListedThing } from "./inventory-store.ts";

/** Then the thing counts as failed, and the next one's turn comes. */
export const TRIES_MAX = 5;
const DELETED_KEYS_MAX = 1_000;

export interface BackupEnvironment {
  readonly bucket: Pick<R2Bucket, "put" | "delete">;
  readonly exportPage: (thing: ListedThing, cursor: string | undefined) => Promise<Result<ExportPage>>;
}

/** @returns `done`: there is nothing more to back up; `again`: it went wrong, and is to be tried again later */
export async function stepBackup(
  store: InventoryStore,
  run: BackupRun,
  { bucket, exportPage }: BackupEnvironment,
): Promise<"more" | "again" | "done"> {
  const thing = run.isOpen ? run.thing : store.next(run.thing);
  if (thing === undefined) return "done";
  const open: BackupRun = run.isOpen ? run : { ...run, thing, isOpen: true, cursor: null, parts: 0, tries: 0 };
  try {
    const page = await exportPage(thing, open.cursor ?? undefined);
    if (!page.ok) return await fail(store, open, thing, page.problem, bucket);
    await bucket.put(partKey(run.run, thing, open.parts), `${page.value.lines.join("\n")}\n`);
    const { cursor } = page.value;
    if (cursor === null) store.keepRun({ ...closed(open), saved: open.saved + 1 });
    else store.keepRun({ ...open, cursor, parts: open.parts + 1, tries: 0 });
    return "more";
  } catch (error) {
    logError(error);
    return tryAgain(store, open);
  }
}

async function fail(
  store: InventoryStore,
  open: BackupRun,
  thing: ListedThing,
  problem: Problem,
  bucket: BackupEnvironment["bucket"],
): Promise<"more" | "again"> {
  if (problem.code === "not_found") {
    store.remove(thing);
    store.keepRun(closed(open));
    return "more";
  }
  if (problem.code !== "offset_gone") return tryAgain(store, open);
  // It was erased or purged while it was read: what is there of it is no beginning of what is there now.
  const keys = Array.from({ length: open.parts }, (_, part) => partKey(open.run, thing, part));
  for (let from = 0; from < keys.length; from += DELETED_KEYS_MAX) {
    await bucket.delete(keys.slice(from, from + DELETED_KEYS_MAX));
  }
  return tryAgain(store, { ...open, cursor: null, parts: 0 });
}

function tryAgain(store: InventoryStore, open: BackupRun): "more" | "again" {
  const tries = open.tries + 1;
  if (tries < TRIES_MAX) {
    store.keepRun({ ...open, tries });
    return "again";
  }
  store.keepRun({ ...closed(open), failed: open.failed + 1 });
  return "more";
}

function closed(open: BackupRun): BackupRun {
  return { ...open, isOpen: false, cursor: null, parts: 0, tries: 0 };
}

/** What a run came to, as it is written at its end. */
export function reportOf({ run, saved, failed }: BackupRun, endMs: number): object {
  return { run, saved, failed, ended: new Date(endMs).toISOString() };
}
