/** What the live routes of all features have in common. */
import * as v from "valibot";
import { OffsetTextSchema } from "./names.ts";

export const LiveQuerySchema = v.object({ since: v.optional(OffsetTextSchema) });
