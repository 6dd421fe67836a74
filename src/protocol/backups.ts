/** What goes over the wire for backups. */
import * as v from "valibot";
import { SetIdSchema } from "./names.ts";
import { EXPORTED_FEATURES } from "./transfer.ts";

export const BackupsAnswerSchema = v.object({
  backups: v.array(
    v.object({
      run: v.string(),
      /** Whether every inventory has come to its end. */
      complete: v.boolean(),
      /** Things that are in it whole, and things that could not be read. */
      saved: v.number(),
      failed: v.number(),
    }),
  ),
});
export type BackupsAnswer = v.InferOutput<typeof BackupsAnswerSchema>;

export const BackupBegunSchema = v.object({ run: v.string() });

export const BackupParamsSchema = v.object({
  run: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/, "must be a run, as in 2026-11-21T03-17-00Z")),
});

export const BackedUpThingSchema = v.object({
  feature: v.picklist(EXPORTED_FEATURES, `must be one of ${EXPORTED_FEATURES.join(", ")}`),
  /** Names of all things are alike. */
  name: SetIdSchema,
});
