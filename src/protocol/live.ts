/** What the live routes of all features have in common. */
import * as v from "valibot";
import { OffsetTextSchema } from "./names.ts";

export const LiveQuerySchema = v.object({ since: v.optional(OffsetTextSchema) });

/** What the viewer holds is no longer so: it forgets everything, and the full state follows. */
export const ResetFrameSchema = v.object({ type: v.literal("reset") });
