/**
 * Arrays of what clients send, above all those of batch requests. The length is checked before its entries: a body of 4 MiB has room for millions of
 * entries that are wrong, and listing what is wrong with each would take more memory than the Worker has.
 */
import * as v from "valibot";
import { limits } from "./limits.ts";

/** At most `limits.batchEntriesMax` of `entry`, or whatever else `max` says of `things`. */
export function batchOf<const S extends v.GenericSchema>(
  entry: S,
  max: number = limits.batchEntriesMax,
  things = "entries",
) {
  const entries = v.array(entry, "must be an array");
  const run: (typeof entries)["~run"] = (dataset, config) => {
    const { value } = dataset;
    // Handed on as it is, since `maxLength` is what refuses it.
    if (Array.isArray(value) && value.length > max) return { typed: true, value };
    return entries["~run"](dataset, config);
  };
  return v.pipe({ ...entries, "~run": run }, v.maxLength(max, `must hold at most ${max} ${things}`));
}

/** The same, or one `entry` that stands for itself; read as an array either way. */
export function oneOrBatchOf<const S extends v.GenericSchema>(entry: S) {
  const batch = batchOf(entry);
  const either = v.union([batch, entry]);
  // Which of the two is meant is seen at once, and then its own faults are what to report.
  const run: (typeof either)["~run"] = (dataset, config) =>
    Array.isArray(dataset.value) ? batch["~run"](dataset, config) : entry["~run"](dataset, config);
  return v.pipe(
    { ...either, "~run": run },
    v.transform((value): readonly v.InferOutput<S>[] => (Array.isArray(value) ? value : [value])),
  );
}
