/** What goes over the wire for analytics: events, totals of slices, routing rules, frames. Shapes as in docs/protocol.md. */
import * as v from "valibot";
import { SHARDS_MAX } from "../core/analytics/routing.ts";
import type { Routing } from "../core/analytics/routing.ts";
import { SLICE_MS_MAX, SLICE_MS_MIN } from "../core/analytics/time-slice.ts";
import { batchOf } from "./batch.ts";
import { limits } from "./limits.ts";
import { EventIdSchema, queryInteger, SiteSchema, TimestampMsSchema, UserSchema } from "./names.ts";

/** Where events go that name no site. */
export const DEFAULT_SITE = "default";

const siteOrDefault = v.optional(SiteSchema, DEFAULT_SITE);

export const EventKindSchema = v.picklist(["click", "impression"], 'must be "click" or "impression"');

export const EventSchema = v.object({
  timestamp: TimestampMsSchema,
  user: UserSchema,
  event: EventKindSchema,
  site: siteOrDefault,
  id: v.optional(EventIdSchema),
});
/** One click or impression of one user. */
export type AnalyticsEvent = Readonly<v.InferOutput<typeof EventSchema>>;
export type AnalyticsEventInput = Readonly<v.InferInput<typeof EventSchema>>;

export const EventsBodySchema = batchOf(EventSchema);

const timestampQuery = queryInteger(0, limits.timestampMsMax, "milliseconds since the Unix epoch");

const BareSchema = v.pipe(
  v.string("must be given once"),
  v.literal("", "must have no value"),
  v.description("a bare key"),
);

/** An event in a query string: what happened is a bare key, `&click` or `&impression`, or the value of `event`. */
export const RecordQuerySchema = v.pipe(
  v.object({
    timestamp: timestampQuery,
    user: UserSchema,
    click: v.optional(BareSchema),
    impression: v.optional(BareSchema),
    event: v.optional(EventKindSchema),
    site: siteOrDefault,
    id: v.optional(EventIdSchema),
  }),
  v.forward(
    v.check(({ click, impression, event }) => {
      return [click, impression, event].filter((given) => given !== undefined).length === 1;
    }, "exactly one of click, impression and event must be given"),
    ["event"],
  ),
  v.transform(({ timestamp, user, click, event, site, id }): AnalyticsEvent => {
    return { timestamp, user, event: event ?? (click === undefined ? "impression" : "click"), site, id };
  }),
);

export const EventsAnswerSchema = v.object({ accepted: v.number(), duplicates: v.number() });
export type EventsAnswer = v.InferOutput<typeof EventsAnswerSchema>;

export const SliceQuerySchema = v.object({ timestamp: timestampQuery, site: siteOrDefault });
export const SiteQuerySchema = v.object({ site: siteOrDefault });

const IsoSchema = v.pipe(v.string(), v.isoTimestamp());

const sliceEntries = {
  slice: v.pipe(IsoSchema, v.description("the start of the slice")),
  unique_users: v.number(),
  clicks: v.number(),
  impressions: v.number(),
};

export const SliceAnswerSchema = v.object({
  ...sliceEntries,
  as_of: v.pipe(IsoSchema, v.description("everything acknowledged before is counted")),
  max_staleness_ms: v.number(),
  shards: v.number(),
  late: v.pipe(v.number(), v.description("events that came after sealing, whose users are not counted")),
});
export type SliceAnswer = v.InferOutput<typeof SliceAnswerSchema>;

export const RangeQuerySchema = v.pipe(
  v.object({ from: timestampQuery, to: timestampQuery, site: siteOrDefault }),
  v.forward(
    v.check(({ from, to }) => to > from, "must be greater than from"),
    ["to"],
  ),
);

export const SliceRowSchema = v.object(sliceEntries);
export type SliceRow = v.InferOutput<typeof SliceRowSchema>;

export const RangeAnswerSchema = v.object({ slices: v.array(SliceRowSchema) });
export type RangeAnswer = v.InferOutput<typeof RangeAnswerSchema>;

const sliceMsMessage = `must be an integer from ${SLICE_MS_MIN} to ${SLICE_MS_MAX}`;
const shardsMessage = `must be an integer from 1 to ${SHARDS_MAX}`;

function wholeNumber(min: number, max: number, message: string) {
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

const RuleSchema = v.strictObject({ from: TimestampMsSchema, shards: wholeNumber(1, SHARDS_MAX, shardsMessage) });

/** The whole document. Unknown keys are refused: a rule that is misspelt would otherwise stay for ever. */
export const RoutingSchema = v.strictObject({
  slice_ms: wholeNumber(SLICE_MS_MIN, SLICE_MS_MAX, sliceMsMessage),
  first_slice: TimestampMsSchema,
  rules: v.pipe(batchOf(RuleSchema, limits.routingRulesMax, "rules"), v.minLength(1, "must not be empty")),
});
export type RoutingBody = v.InferOutput<typeof RoutingSchema>;

export function toRouting({ slice_ms: sliceMs, first_slice: firstSlice, rules }: RoutingBody): Routing {
  return { sliceMs, firstSlice, rules };
}

export function toRoutingBody({ sliceMs, firstSlice, rules }: Routing): RoutingBody {
  return { slice_ms: sliceMs, first_slice: firstSlice, rules: [...rules] };
}

/** Where a viewer of a slice is: the slice's start and the number of events it has seen counted. */
export const SlicePositionSchema = v.pipe(
  v.string("must be a position"),
  v.regex(/^-?(?:0|[1-9][0-9]{0,15}):(?:0|[1-9][0-9]{0,15})$/, "must be a position this server gave"),
  v.description("a position from an earlier event"),
);

export const SliceLiveQuerySchema = v.object({
  timestamp: v.optional(timestampQuery),
  site: siteOrDefault,
  since: v.optional(SlicePositionSchema),
});

/** The totals of the slice that a viewer follows. */
export const SliceFrameSchema = v.object({ type: v.literal("slice"), ...sliceEntries, as_of: IsoSchema });
export type SliceFrame = v.InferOutput<typeof SliceFrameSchema>;

/** The body of a `write` frame. */
export const EventsFrameSchema = v.object({ events: EventsBodySchema });
