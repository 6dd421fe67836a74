/** Backups as a whole: to begin one, to list them, and to read one thing of one. */
import type { Result } from "../../protocol/problem.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import type { BackupsAnswer } from "../../protocol/backups.ts";
import type { Env } from "../env.ts";
import { inLanes } from "../lanes.ts";
import { callObject } from "../object-call.ts";
import { streamPages } from "../page-stream.ts";
import { partsPrefix, reportPrefix, runAt } from "./backup-keys.ts";
import { INVENTORY_SHARDS, inventoryStub } from "./inventory-address.ts";
import type { Thing } from "./inventory-store.ts";

const RUNS_MAX = 1_000;

/** Tells every inventory. Answers the run that is under way. */
export async function beginBackup(env: Env, nowMs: number): Promise<Result<string>> {
  if (env.BACKUPS === undefined) return noBucket();
  let underWay = runAt(nowMs);
  const shards = Array.from({ length: INVENTORY_SHARDS }, (_, shard) => shard);
  const outcomes = await inLanes(shards, INVENTORY_SHARDS, (shard) =>
    callObject(inventoryStub(env, shard), (stub) => stub.beginBackup(runAt(nowMs), shard)),
  );
  for (const outcome of outcomes) {
    if (!outcome.ok) return outcome;
    if (outcome.value < underWay) underWay = outcome.value;
  }
  return succeed(underWay);
}

/** The runs in the bucket, the latest first. */
export async function listBackups(env: Env): Promise<Result<BackupsAnswer>> {
  if (env.BACKUPS === undefined) return noBucket();
  const bucket = env.BACKUPS;
  const { delimitedPrefixes } = await bucket.list({ delimiter: "/", limit: RUNS_MAX });
  const runs = delimitedPrefixes
    .map((prefix) => prefix.slice(0, -1))
    .toSorted()
    .toReversed();
  const backups = await inLanes(runs, 8, async (run) => {
    const { objects } = await bucket.list({ prefix: reportPrefix(run) });
    const reports = await inLanes(objects, 8, async ({ key }) => (await bucket.get(key))?.json<Report>());
    const sum = (of: (report: Report) => number) =>
      reports.reduce((total, report) => total + (report === undefined ? 0 : of(report)), 0);
    return {
      run,
      complete: objects.length === INVENTORY_SHARDS,
      saved: sum(({ saved }) => saved),
      failed: sum(({ failed }) => failed),
    };
  });
  return succeed({ backups: [...backups] });
}

interface Report {
  readonly saved: number;
  readonly failed: number;
}

/** One thing of a run, as the file that an import takes. */
export async function readBackup(env: Env, request: Request, run: string, thing: Thing): Promise<Result<Response>> {
  if (env.BACKUPS === undefined) return noBucket();
  const bucket = env.BACKUPS;
  const parts = partsOf(bucket, partsPrefix(run, thing));
  const first = await parts.next();
  if (first.done === true) return refuse("not_found", "There is no such thing in this backup.");
  const response = streamPages(request, "application/x-ndjson", first.value, async () => {
    const part = await parts.next();
    return part.done === true ? undefined : part.value;
  });
  return succeed(response);
}

async function* partsOf(bucket: R2Bucket, prefix: string): AsyncGenerator<string, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: R2Objects = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) });
    for (const { key } of page.objects) {
      const part = await bucket.get(key);
      if (part === null) throw new Error("A part of a backup is gone");
      yield await part.text();
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
}

function noBucket(): Result<never> {
  return refuse("not_found", "This server has no bucket for backups: bind one as BACKUPS in wrangler.toml.");
}
