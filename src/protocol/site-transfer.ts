/**
 * A site's analytics as lines of JSON: the routing rules, and of each shard of each slice its totals and, unless it is
 * sealed, the pseudonyms of its users and event ids with their salt. Without those an imported slice would count its users
 * again. They are as secret as the slice itself: whoever holds them can try out names.
 */
import * as v from "valibot";
import { SHARDS_MAX } from "../core/analytics/routing.ts";
import { SLICE_MS_MAX, SLICE_MS_MIN } from "../core/analytics/time-slice.ts";
import { RoutingSchema } from "./analytics.ts";
import { limits } from "./limits.ts";
import { SiteSchema, TimestampMsSchema, wholeNumberOf } from "./names.ts";
import { CountSchema, ExportQuerySchema, headerEntries, importBodyOf, ImportQuerySchema } from "./transfer.ts";

const HeaderSchema = v.object({ ...headerEntries("analytics"), routing: RoutingSchema });

const HEX_DIGITS = 32;

const PseudonymsSchema = v.pipe(
  v.string("must be a string"),
  v.check(
    (hex) => hex.length <= limits.pseudonymsPerPartMax * HEX_DIGITS,
    `must hold at most ${limits.pseudonymsPerPartMax} pseudonyms`,
  ),
  v.regex(/^(?:[0-9a-f]{32})*$/, "must be hex digits, 32 for each pseudonym"),
  v.description("pseudonyms of 32 lower-case hex digits, one after the other"),
);

const SliceStartSchema = v.pipe(
  v.number("must be a number"),
  v.integer("must be an integer"),
  v.minValue(-limits.timestampMsMax, "is too early"),
  v.maxValue(limits.timestampMsMax, "is too late"),
);

/** Beyond it, counting would stop being exact. */
const ShardCountSchema = v.pipe(
  CountSchema,
  v.maxValue(limits.shardEventsMax, "is more than a shard can have counted"),
);

const TotalsSchema = v.object({
  unique_users: ShardCountSchema,
  clicks: ShardCountSchema,
  impressions: ShardCountSchema,
  late: ShardCountSchema,
  last_event_ms: TimestampMsSchema,
  sealed_ms: v.nullable(TimestampMsSchema),
});

/** A part of a shard; a small shard is one. */
const PartEntriesSchema = v.object({
  slice: SliceStartSchema,
  slice_ms: v.pipe(wholeNumberOf("milliseconds", SLICE_MS_MAX), v.minValue(SLICE_MS_MIN, "is too short")),
  shards: v.pipe(wholeNumberOf("shards", SHARDS_MAX), v.minValue(1, "must be at least 1")),
  shard: wholeNumberOf("shards", SHARDS_MAX - 1),
  /** Counted from 0 within the shard. */
  part: CountSchema,
  salt: v.optional(v.pipe(v.string("must be a string"), v.regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"))),
  users: v.optional(PseudonymsSchema),
  ids: v.optional(PseudonymsSchema),
  /** In the last part of the shard, and of the same moment. */
  totals: v.optional(TotalsSchema),
});

/** A shard without a salt would make another each time it wakes, and count its users again. */
const PartSchema = v.pipe(
  PartEntriesSchema,
  v.forward(
    v.check(
      ({ salt, totals }) => salt !== undefined || (totals !== undefined && totals.sealed_ms !== null),
      "is missing, of a shard that is not sealed",
    ),
    ["salt"],
  ),
);
export type ShardPartLine = v.InferOutput<typeof PartSchema>;

const StateSchema = v.object({
  shards: CountSchema,
  unique_users: CountSchema,
  clicks: CountSchema,
  impressions: CountSchema,
  late: CountSchema,
});
export type SiteState = v.InferOutput<typeof StateSchema>;
export { StateSchema as SiteStateSchema };

export const SiteImportSchema = importBodyOf(HeaderSchema, PartSchema, StateSchema);
export type SiteImport = v.InferOutput<typeof SiteImportSchema>;

/** The site must be said: `default` is meant only by who says so. */
export const NamedSiteQuerySchema = v.object({ site: SiteSchema });
export const SiteExportQuerySchema = v.object({ ...ExportQuerySchema.entries, site: SiteSchema });
export const SiteImportQuerySchema = v.object({ ...ImportQuerySchema.entries, site: SiteSchema });
