/** A set as lines of JSON: its options, its entries with their tombstones, and what proves that they are all. */
import * as v from "valibot";
import { ElementSchema, TimestampMsSchema } from "./names.ts";
import { OpSchema, SetOptionsSchema } from "./sets.ts";
import { CountSchema, DigestSchema, headerEntries, importBodyOf } from "./transfer.ts";

/** The last millisecond of the year 9999. The server's own stamps go on from here, and must stay timestamps. */
const CLOCK_MS_MAX = 253_402_300_799_999;
const BY_A_CLOCK = v.check(
  (ms: number) => ms <= CLOCK_MS_MAX,
  `must be at most ${CLOCK_MS_MAX}, for no clock is later`,
);

const HeaderSchema = v.object({
  ...headerEntries("sets"),
  options: SetOptionsSchema,
  /** The greatest timestamp of a purged tombstone, -1 while nothing was purged. */
  purged_ms: v.pipe(
    v.number("must be a number"),
    v.integer("must be an integer"),
    v.minValue(-1, "must be at least -1"),
    BY_A_CLOCK,
  ),
});

const EntrySchema = v.object({ element: ElementSchema, op: OpSchema, timestamp: TimestampMsSchema });

const StateSchema = v.object({
  size: CountSchema,
  digest: DigestSchema,
  /** The greatest timestamp of the server's own. */
  last_stamp_ms: v.pipe(CountSchema, BY_A_CLOCK),
});
export type SetState = v.InferOutput<typeof StateSchema>;

export const SetImportSchema = importBodyOf(HeaderSchema, EntrySchema, StateSchema);
export type SetImport = v.InferOutput<typeof SetImportSchema>;
