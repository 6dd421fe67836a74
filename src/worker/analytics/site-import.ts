/**
 * Takes a part of an import of a site: each shard its own parts, then the site's object the note that they are in. A request
 * that dies in between is sent again, and shards that had their parts before pass over them.
 *
 * What can be known before any shard is asked is looked at before: whether the records make sense one after the other, and
 * whether the rules divide their slices as they were exported. So a request is not refused halfway, unless events come in
 * between for a shard that has not been imported yet.
 */
import type { ShardPart } from "../../core/analytics/shard-part.ts";
import { toRouting } from "../../protocol/analytics.ts";
import { limits } from "../../protocol/limits.ts";
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { ShardPartLine, SiteImport } from "../../protocol/site-transfer.ts";
import type { ImportAnswer } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { Rests } from "../lanes.ts";
import { askObject, callObject } from "../object-call.ts";
import { lacksRecords, leavesGap } from "../transfer/import-log.ts";
import { analyticsEdge, routingStub, siteStub, sliceStub } from "./durable-analytics.ts";
import { refuseOtherRules } from "./other-rules.ts";
import type { ImportedParts } from "./slice-object.ts";

/** Parts of one shard that follow each other in the file. */
interface Run {
  readonly start: number;
  readonly shard: number;
  readonly from: number;
  readonly parts: [ShardPart, ...ShardPart[]];
}

export async function importSite(
  env: Env,
  site: string,
  body: SiteImport,
  from: number,
): Promise<Result<ImportAnswer>> {
  const { header, records } = body;
  if (records.length > limits.siteImportRecordsMax) {
    return refuseField(
      "body",
      `must hold at most ${limits.siteImportRecordsMax} records of a site`,
      "payload_too_large",
    );
  }
  const admitted = await askObject(siteStub(env, site), (stub) => stub.admitImport(header.id));
  if (!admitted.ok) return admitted;
  const taken = admitted.value;
  if (from > taken) return leavesGap(taken);
  const come = Math.max(taken, from + records.length);
  if (body.end !== undefined && body.end.records !== come) return lacksRecords(body.end.records, come);
  const fresh = records.slice(taken - from);
  const fault = misplaced(fresh);
  if (fault !== undefined) {
    const [index, field, message] = fault;
    // The header comes before them, and those that were taken before.
    return refuseField(`[${1 + records.length - fresh.length + index}].${field}`, message);
  }
  const runs = runsOf(fresh);
  const restored = await restoreRouting(env, body, runs);
  if (!restored.ok) return restored;

  const outcomes: boolean[] = [];
  const rests = new Rests();
  for (const { start, shard, from: first, parts } of runs) {
    const imported: ImportedParts = { exportId: header.id, from: first, parts };
    const identical = await askObject(sliceStub(env, { site, start, shard }), (stub) => stub.takeImport(imported));
    if (!identical.ok) return identical;
    // Parts that don't complete their shard say nothing yet.
    for (const { head } of parts) outcomes.push(head === undefined || identical.value);
    await rests.take();
  }
  const noted = await askObject(siteStub(env, site), (stub) =>
    stub.noteImport(header.id, Math.max(from, taken), outcomes),
  );
  if (!noted.ok) return noted;
  return askObject(siteStub(env, site), (stub) => stub.endImport(header.id, body.end));
}

async function restoreRouting(env: Env, { header }: SiteImport, runs: readonly Run[]): Promise<Result<undefined>> {
  const claims = runs.map(({ parts: [{ claim }] }) => claim);
  const restored = await callObject(routingStub(env), (stub) => stub.restore(toRouting(header.routing), claims));
  if (!restored.ok) return restored;
  if (restored.value.kind === "invalid") return refuseField("[0].routing", "makes no sense");
  if (restored.value.kind === "conflict") return refuseOtherRules(restored.value.claim);
  analyticsEdge(env).routing.take(restored.value.state.routing);
  return succeed(undefined);
}

/** The first record that can't be where it is. Only the first run of a request may go on with a shard. */
function misplaced(
  lines: readonly ShardPartLine[],
): readonly [index: number, field: "shard" | "part", message: string] | undefined {
  let former = lines[0];
  for (const [index, line] of lines.entries()) {
    if (line.shard >= line.shards) return [index, "shard", "must be less than shards"];
    const isSame = former?.slice === line.slice && former.shard === line.shard;
    if (isSame && index > 0 && former?.totals !== undefined && line.part > 0) {
      return [index, "part", "must not come after the totals, which are in the last part of a shard"];
    }
    const follows = index === 0 || (isSame && former?.part === line.part - 1);
    if (!follows && line.part > 0) return [index, "part", "must follow the part before it, or begin a shard with 0"];
    former = line;
  }
  return undefined;
}

function runsOf(lines: readonly ShardPartLine[]): readonly Run[] {
  const runs: Run[] = [];
  for (const line of lines) {
    const run = runs.at(-1);
    const part = toPart(line);
    const goesOn = run?.start === line.slice && run.shard === line.shard && line.part === run.from + run.parts.length;
    if (goesOn) run.parts.push(part);
    else runs.push({ start: line.slice, shard: line.shard, from: line.part, parts: [part] });
  }
  return runs;
}

function toPart({ slice, slice_ms: sliceMs, shards, salt, users = "", ids = "", totals }: ShardPartLine): ShardPart {
  const claim = { start: slice, sliceMs, shards };
  return {
    claim,
    salt,
    users: users.match(/.{32}/g) ?? [],
    ids: ids.match(/.{32}/g) ?? [],
    head:
      totals === undefined
        ? undefined
        : {
            claim,
            uniqueUsers: totals.unique_users,
            clicks: totals.clicks,
            impressions: totals.impressions,
            late: totals.late,
            lastEventMs: totals.last_event_ms,
            sealedMs: totals.sealed_ms,
          },
  };
}
