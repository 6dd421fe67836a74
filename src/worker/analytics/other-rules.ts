/** The refusal of a slice that was exported from a server that divides it otherwise. */
import type { SliceClaim } from "../../core/analytics/routing.ts";
import { refuse } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";

export function refuseOtherRules({ start, shards }: SliceClaim): Result<never> {
  return refuse(
    "conflict",
    `The slice ${new Date(start).toISOString()} was exported with ${shards} shards, but has others by the routing rules here. ` +
      "Import into a server that holds no slices yet: then the rules of the export are taken.",
  );
}
