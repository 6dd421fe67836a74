/**
 * Reads a site for an export: slice by slice in the order of their starts, shard by shard, each as it was at one moment.
 * What is counted in a shard after it was read is not in the export, and what is sealed meanwhile is exported as sealed. An
 * erasure ends the export with `offset_gone`: it begins anew.
 */
import * as v from "valibot";
import { SHARDS_MAX } from "../../core/analytics/routing.ts";
import { SHARD_START } from "../../core/analytics/shard-part.ts";
import type { ShardPart } from "../../core/analytics/shard-part.ts";
import type { SliceHead } from "../../core/analytics/slice-store.ts";
import { toRoutingBody } from "../../protocol/analytics.ts";
import { limits } from "../../protocol/limits.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { SiteStateSchema } from "../../protocol/site-transfer.ts";
import type { ShardPartLine, SiteState } from "../../protocol/site-transfer.ts";
import { CountSchema } from "../../protocol/transfer.ts";
import type { Env } from "../env.ts";
import { Rests } from "../lanes.ts";
import { askObject, callObject } from "../object-call.ts";
import type { ExportSource, ExportStep } from "../transfer/export-source.ts";
import { routingStub, siteStub, sliceStub } from "./durable-analytics.ts";
import type { ExportedSlices } from "./site-object.ts";
import type { CataloguedSlice } from "./slice-catalogue.ts";

/** Slices that are looked up for a page, shards that are asked, and what their pseudonyms may weigh, in hex digits. */
const PAGE_SLICES = 100;
const PAGE_CALLS = 100;
const PAGE_UNITS = 1 << 20;

const PseudonymPositionSchema = v.union([CountSchema, v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))]);

const PositionSchema = v.object({
  /** Of the site's life that is read; none before the first page. */
  epoch: v.optional(v.string()),
  /** The slice that is read, or the next after it. */
  slice: v.pipe(v.number(), v.safeInteger()),
  /** The first shard of it that is not read. */
  shard: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SHARDS_MAX)),
  /** How many parts of that shard are, and how far its pseudonyms are. */
  part: CountSchema,
  at: v.object({ users: PseudonymPositionSchema, ids: PseudonymPositionSchema }),
  /** The shards that are read, and what they come to. */
  state: SiteStateSchema,
  /** How many shards there were when it began. */
  of: CountSchema,
});
type Position = v.InferOutput<typeof PositionSchema>;

const NO_STATE: SiteState = { shards: 0, unique_users: 0, clicks: 0, impressions: 0, late: 0 };

export function siteExport(env: Env, site: string): ExportSource<Position> {
  return {
    feature: "analytics",
    name: site,
    position: PositionSchema,

    async begin() {
      const shards = await callObject(siteStub(env, site), (stub) => stub.exportCount());
      if (!shards.ok) return shards;
      if (shards.value === 0) return refuse("not_found", "This site has no slices: there is nothing to export.");
      const routing = await callObject(routingStub(env), (stub) => stub.read());
      if (!routing.ok) return routing;
      const slice = Number.MIN_SAFE_INTEGER;
      const position = { slice, shard: 0, part: 0, at: SHARD_START, state: NO_STATE, of: shards.value };
      return succeed({ header: { routing: toRoutingBody(routing.value) }, position });
    },

    read: (position) => readPage(env, site, position),
  };
}

async function readPage(env: Env, site: string, from: Position): Promise<Result<ExportStep<Position>>> {
  const records: ShardPartLine[] = [];
  let position = from;
  let [calls, units] = [1, 0];
  const rests = new Rests();
  const listed = await listSlices(env, site, from.epoch, from.slice, PAGE_SLICES);
  if (!listed.ok) return listed;
  const { epoch, slices } = listed.value;
  position = { ...position, epoch };
  for (const { start, shard } of shardsFrom(slices, from)) {
    if (start !== position.slice || shard !== position.shard) position = beginningOf(position, start, shard);
    while (position.slice === start && position.shard === shard) {
      if (calls > PAGE_CALLS || units > PAGE_UNITS) return succeed({ records, calls, next: more(position) });
      const { at, part } = position;
      const read = await callObject(sliceStub(env, { site, start, shard }), (stub) =>
        stub.exportPart(at, limits.pseudonymsPerPartMax),
      );
      if (!read.ok) return read;
      calls += 1;
      if (read.value !== undefined) {
        const line = toLine(read.value.part, shard, part);
        records.push(line);
        units += (line.users?.length ?? 0) + (line.ids?.length ?? 0);
      }
      position = advance(position, read.value);
      await rests.take();
    }
  }
  const last = slices.at(-1);
  if (last === undefined || slices.length < PAGE_SLICES) {
    // Of an erasure while a page was read the next page learns; after the last, this does.
    const still = await listSlices(env, site, epoch, 0, 0);
    if (!still.ok) return still;
    return succeed({ records, calls: calls + 1, next: { kind: "end", state: position.state } });
  }
  return succeed({ records, calls, next: more(beginningOf(position, last.claim.start + 1, 0)) });
}

function listSlices(
  env: Env,
  site: string,
  epoch: string | undefined,
  from: number,
  limit: number,
): Promise<Result<ExportedSlices>> {
  return askObject(siteStub(env, site), (stub) => stub.exportSlices(epoch, from, limit));
}

/** The shards that are listed, from where the export stands. */
function* shardsFrom(
  slices: readonly CataloguedSlice[],
  from: Position,
): Generator<{ readonly start: number; readonly shard: number }> {
  for (const { claim, shards } of slices) {
    for (const shard of shards) {
      if (claim.start !== from.slice || shard >= from.shard) yield { start: claim.start, shard };
    }
  }
}

function beginningOf(position: Position, slice: number, shard: number): Position {
  return { ...position, slice, shard, part: 0, at: SHARD_START };
}

/** Where the export is once `read` is in it. A shard that is claimed and has counted nothing is passed over. */
function advance(
  position: Position,
  read: { readonly part: ShardPart; readonly next: Position["at"] } | undefined,
): Position {
  const head = read?.part.head;
  if (read !== undefined && head === undefined) return { ...position, part: position.part + 1, at: read.next };
  const after = beginningOf(position, position.slice, position.shard + 1);
  return head === undefined ? after : { ...after, state: withShard(position.state, head) };
}

function withShard(state: SiteState, head: SliceHead): SiteState {
  return {
    shards: state.shards + 1,
    unique_users: state.unique_users + head.uniqueUsers,
    clicks: state.clicks + head.clicks,
    impressions: state.impressions + head.impressions,
    late: state.late + head.late,
  };
}

function more(position: Position): ExportStep<Position>["next"] {
  const { state, of } = position;
  return { kind: "more", position, done: of === 0 ? 1 : Math.min(1, state.shards / of) };
}

function toLine({ claim, salt, users, ids, head }: ShardPart, shard: number, part: number): ShardPartLine {
  return {
    slice: claim.start,
    slice_ms: claim.sliceMs,
    shards: claim.shards,
    shard,
    part,
    ...(salt !== undefined && { salt }),
    ...(users.length > 0 && { users: users.join("") }),
    ...(ids.length > 0 && { ids: ids.join("") }),
    ...(head !== undefined && {
      totals: {
        unique_users: head.uniqueUsers,
        clicks: head.clicks,
        impressions: head.impressions,
        late: head.late,
        last_event_ms: head.lastEventMs,
        sealed_ms: head.sealedMs,
      },
    }),
  };
}
