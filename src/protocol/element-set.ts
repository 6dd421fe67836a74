/**
 * The element-set protocol of existing deployments, served from the set named `default`. Its timestamps are seconds,
 * its values JSON scalars compared by their string form, its errors `{"error": "..."}`.
 *
 * The string form of a number is how its client wrote it. Read as a number first, two ids of more than 53 bits could
 * become one element, and a client whose language writes `1.0` would not find it again.
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

/** A number as `value`. In JSON only a key is followed by a colon, and a quote within a string has a backslash before it. */
const WRITTEN_NUMBER = /(?<!\\)"value"[\t\n\r ]*:[\t\n\r ]*(-?[0-9][0-9.eE+-]*)/g;

/**
 * Reads the JSON of an operation; a number as `value` is the text that was written. `undefined` if it is no JSON.
 *
 * The text is looked for beside the reading, not by a function that `JSON.parse` calls for each value: with that a body
 * of 4 MiB takes seconds.
 */
export function parseElementSetJson(text: string): unknown {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null || !("value" in json) || typeof json.value !== "number") return json;
  let value: number | string = json.value;
  for (const [, written = ""] of text.matchAll(WRITTEN_NUMBER)) {
    if (Object.is(Number(written), json.value)) value = written;
  }
  return { ...json, value };
}

/** `data` is JSON in a string. */
const DataSchema = v.pipe(
  v.string("must be a string of JSON"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const json = parseElementSetJson(dataset.value);
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
