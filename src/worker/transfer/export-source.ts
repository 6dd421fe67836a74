/** What a feature gives to an export: a header's own entries, and records page by page, each read in one call. */
import type * as v from "valibot";
import type { ExportedFeature } from "../../protocol/transfer.ts";
import type { Result } from "../../protocol/problem.ts";

/** @typeParam P where an export stands, as JSON; it travels in cursors */
export interface ExportSource<P> {
  readonly feature: ExportedFeature;
  readonly name: string;
  /** By which a position in a client's cursor is checked. */
  readonly position: v.GenericSchema<unknown, P>;
  /** What the header says beside what every header says, and where the records begin. */
  begin(): Promise<Result<{ readonly header: object; readonly position: P }>>;
  read(position: P): Promise<Result<ExportStep<P>>>;
}

export interface ExportStep<P> {
  /** May be none. */
  readonly records: readonly object[];
  /** How many objects were asked for them; one unless it says. */
  readonly calls?: number;
  readonly next:
    | { readonly kind: "more"; readonly position: P; /** From 0 to 1, about. */ readonly done: number }
    /** What all records together make. */
    | { readonly kind: "end"; readonly state: object };
}
