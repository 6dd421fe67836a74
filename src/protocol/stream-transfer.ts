/**
 * A stream as lines of JSON: the follow graph as of a checkpoint, the log, what waits, what was skipped, what was dead, and at
 * last the head. Each record has one key, which says what it is.
 */
import * as v from "valibot";
import { batchOf } from "./batch.ts";
import { limits } from "./limits.ts";
import { StreamOptionsSchema } from "./streams.ts";
import { CountSchema, headerEntries, importBodyOf } from "./transfer.ts";

/** A row of the database takes 2 MB, and a UTF-16 code unit is at most 3 bytes of UTF-8. */
const RowTextSchema = v.pipe(
  v.string("must be a string"),
  v.check((text) => text.length <= limits.rowTextUnitsMax, `must have at most ${limits.rowTextUnitsMax} characters`),
  v.check((text) => text.isWellFormed(), "must be well-formed Unicode, without lone surrogates"),
);

const NumbersSchema = batchOf(CountSchema, limits.numbersPerLineMax, "numbers");

const HeaderSchema = v.object({ ...headerEntries("streams"), cursor: CountSchema });

const TotalSchema = v.pipe(CountSchema, v.maxValue(limits.streamTotalsMax, "is more than a stream can have counted"));

const TotalsSchema = v.object({
  follow: TotalSchema,
  unfollow: TotalSchema,
  broadcast: TotalSchema,
  private: TotalSchema,
  status: TotalSchema,
  gaps: TotalSchema,
  /** One hole may be of nearly all the numbers that there are. */
  skipped: CountSchema,
  duplicates: TotalSchema,
  dead_letters: TotalSchema,
});

const HeadSchema = v.object({
  options: StreamOptionsSchema,
  cursor: CountSchema,
  oldest: CountSchema,
  log: v.object({ start: CountSchema, events: TotalSchema, units: TotalSchema }),
  checkpoint: CountSchema,
  totals: TotalsSchema,
});
export type StreamHeadLine = v.InferOutput<typeof HeadSchema>;

const LetterSchema = v.object({
  id: CountSchema,
  at: CountSchema,
  reason: v.picklist(["malformed", "unknown_type", "too_late"]),
  line: v.string(),
});

const RecordSchema = v.pipe(
  v.object({
    /** A chunk of the checkpoint. */
    graph: v.optional(RowTextSchema),
    /** Lines that were processed; `last` is the number of the last. */
    log: v.optional(v.object({ last: CountSchema, events: CountSchema, text: RowTextSchema })),
    /** First and last number of each hole that was skipped, one after the other. */
    gaps: v.optional(NumbersSchema),
    dead_letters: v.optional(batchOf(LetterSchema)),
    /** Lines that wait for a hole before them to be filled. */
    held: v.optional(v.object({ id: TotalSchema, seen_ms: CountSchema, text: RowTextSchema })),
    head: v.optional(HeadSchema),
  }),
  v.check((record) => Object.keys(record).length === 1, "must be one of graph, log, gaps, dead_letters, held and head"),
);
export type StreamRecordLine = v.InferOutput<typeof RecordSchema>;

const StateSchema = v.object({
  cursor: CountSchema,
  oldest: CountSchema,
  buffered: CountSchema,
  follows: CountSchema,
  dead_letters: CountSchema,
});
export type StreamState = v.InferOutput<typeof StateSchema>;

export const StreamImportSchema = importBodyOf(HeaderSchema, RecordSchema, StateSchema);
export type StreamImport = v.InferOutput<typeof StreamImportSchema>;
