/** What goes over the wire for streams: options, lines, status, dead letters. Frames are in `stream-frames.ts`. */
import * as v from "valibot";
import { limits } from "./limits.ts";
import { queryInteger, StreamIdSchema, StreamUserSchema } from "./names.ts";

function integerFrom(min: number, max: number) {
  const message = `must be an integer from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

export const SequenceSchema = integerFrom(1, Number.MAX_SAFE_INTEGER);

const timeoutMessage = `must be an integer up to ${limits.eventTimeoutMsMax}`;

const optionEntries = {
  event_timeout_ms: v.pipe(
    v.number(timeoutMessage),
    v.safeInteger(timeoutMessage),
    v.maxValue(limits.eventTimeoutMsMax, timeoutMessage),
    v.description("how long a hole blocks after it was first seen; negative: until it is filled"),
  ),
  max_sources: integerFrom(1, limits.streamSourcesMax),
  max_users: integerFrom(1, limits.streamUsersMax),
  max_buffered: integerFrom(1, limits.bufferedLinesMax),
  retention_events: integerFrom(0, limits.retentionEventsMax),
  first_sequence: SequenceSchema,
};

/** Any of the options; those not named stay as they are. Unknown keys are refused. */
export const StreamOptionsBodySchema = v.partial(v.strictObject(optionEntries));
export type StreamOptionsBody = v.InferOutput<typeof StreamOptionsBodySchema>;

export const StreamOptionsSchema = v.object(optionEntries);
export type StreamOptionsAnswer = v.InferOutput<typeof StreamOptionsSchema>;

/** Lines, each ended by LF or CRLF but perhaps the last. */
export const LinesBodySchema = v.pipe(
  v.string("must be text"),
  v.description("lines `<seq>|<type>|<from>|<to>`, each ended by LF or CRLF"),
);

export const IngestAnswerSchema = v.object({
  cursor: v.pipe(v.number(), v.description("the last sequence number that was processed")),
  buffered: v.pipe(v.number(), v.description("lines that wait for a hole to be filled")),
  duplicates: v.pipe(v.number(), v.description("of this request")),
  dead_letters: v.pipe(v.number(), v.description("of this request")),
});
export type IngestAnswer = v.InferOutput<typeof IngestAnswerSchema>;

export const StatusAnswerSchema = v.object({
  cursor: v.number(),
  oldest: v.pipe(v.number(), v.description("the least number that `since` may name")),
  buffered: v.number(),
  /** The hole at which the stream stands. */
  gap: v.nullable(
    v.object({
      from: v.number(),
      to: v.number(),
      seen: v.pipe(v.number(), v.description("when it was first seen, in milliseconds since the Unix epoch")),
      due: v.pipe(v.nullable(v.number()), v.description("when it will be skipped; null: never")),
    }),
  ),
  sources: v.pipe(v.number(), v.description("connected now")),
  users: v.pipe(v.number(), v.description("connections of users now")),
  follows: v.pipe(v.number(), v.description("that hold at the cursor")),
  totals: v.object({
    follow: v.number(),
    unfollow: v.number(),
    broadcast: v.number(),
    private: v.number(),
    status: v.number(),
    gaps: v.pipe(v.number(), v.description("holes that were skipped")),
    skipped: v.pipe(v.number(), v.description("numbers in them")),
    duplicates: v.number(),
    dead_letters: v.number(),
  }),
  options: StreamOptionsSchema,
});
export type StatusAnswer = v.InferOutput<typeof StatusAnswerSchema>;

export const DeadLetterSchema = v.object({
  id: v.number(),
  at: v.pipe(v.number(), v.description("milliseconds since the Unix epoch")),
  reason: v.picklist(["malformed", "unknown_type", "too_late"]),
  line: v.pipe(v.string(), v.description("cut to 1024 bytes")),
});
export type DeadLetter = v.InferOutput<typeof DeadLetterSchema>;

export const DeadLettersAnswerSchema = v.object({
  dead_letters: v.array(DeadLetterSchema),
  more: v.pipe(v.boolean(), v.description("then ask again, `since` the last id")),
});
export type DeadLettersAnswer = v.InferOutput<typeof DeadLettersAnswerSchema>;

export const StreamParamsSchema = v.object({ stream: StreamIdSchema });
export const StreamUserParamsSchema = v.object({ stream: StreamIdSchema, user: StreamUserSchema });

const sequenceQuery = (description: string) => v.optional(queryInteger(0, Number.MAX_SAFE_INTEGER, description));

export const DeadLettersQuerySchema = v.object({
  since: sequenceQuery("the id after which to begin"),
  limit: v.optional(queryInteger(1, limits.pageRowsMax, "dead letters in the page")),
});

export const UserLiveQuerySchema = v.object({
  since: sequenceQuery("the sequence number after which to begin; without it only what is new is sent"),
  format: v.optional(v.pipe(v.picklist(["json", "lines"]), v.description("frames, or the bare lines"))),
});
