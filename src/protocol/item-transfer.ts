/** A tenant's items as lines of JSON, each with when it was counted. */
import * as v from "valibot";
import { ItemIdSchema, TimestampMsSchema } from "./names.ts";
import { CountSchema, headerEntries, importBodyOf } from "./transfer.ts";

const HeaderSchema = v.object({ ...headerEntries("items"), /** When the export began. */ count: CountSchema });

const CountedItemSchema = v.object({ id: ItemIdSchema, at: TimestampMsSchema });

const StateSchema = v.object({
  count: CountSchema,
  /** Items that were counted while the export ran, and are not in it. */
  missed: CountSchema,
});
export type ItemsState = v.InferOutput<typeof StateSchema>;

export const ItemImportSchema = importBodyOf(HeaderSchema, CountedItemSchema, StateSchema);
export type ItemImport = v.InferOutput<typeof ItemImportSchema>;
