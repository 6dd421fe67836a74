/**
 * The element-set protocol of existing deployments, served from the set named `default`. Its timestamps are seconds,
 * its values JSON scalars compared by their string form, its errors `{"error": "..."}`.
 */
import * as v from "valibot";
import { batchOf } from "./batch.ts";
import { limits } from "./limits.ts";
import { ElementSchema, queryInteger, wholeNumberOf } from "./names.ts";
import { parseJson } from "./parse-json.ts";
import { parse } from "./parse.ts";

/** The set behind the compatibility routes. */
export const ELEMENT_SET_NAME = "default";

const ValueSchema = v.pipe(
  v.union([v.string(), v.number(), v.boolean(), v.null()], "must be a JSON scalar"),
  v.transform(String),
  ElementSchema,
);

const SecondsSchema = v.pipe(
  wholeNumberOf("seconds", limits.timestampMsMax / 1000),
  v.description("seconds since the Unix epoch"),
);

export const ElementSetOpSchema = v.object({ value: ValueSchema, timestamp: SecondsSchema });

/** `data` is JSON in a string. */
const DataSchema = v.pipe(
  v.string("must be a string of JSON"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const json = parseJson(dataset.value);
    if (json === undefined) {
      addIssue({ message: "must be a string of JSON" });
      return NEVER;
    }
    const result = parse(ElementSetOpSchema, json);
    if (result.ok) return result.value;
    addIssue({ message: result.problem.detail.replace(/\.$/, "") });
    return NEVER;
  }),
);

/** Any operation but `add` removes. */
export const ElementSetBulkSchema = batchOf(v.object({ operation: v.string("must be a string"), data: DataSchema }));

export const ElementSetContainsQuerySchema = v.object({ value: ElementSchema });

export const ElementSetFetchQuerySchema = v.object({
  offset: v.optional(queryInteger(0, Number.MAX_SAFE_INTEGER, "records the client holds")),
});

export const ElementSetErrorSchema = v.object({ error: v.string() });
