/**
 * Values that a schema takes, most of them at its bounds. Made by walking the schema, so a new endpoint needs nothing here; a
 * kind of schema that can't be walked, or a text of which no example is known, fails the test that asks.
 */
import * as fc from "fast-check";
import * as v from "valibot";
import { limits } from "../../../src/protocol/limits.ts";
import { ELEMENT_SET_NAME } from "../../../src/protocol/element-set.ts";

/** What requests are about: few, so that they meet. */
export const NAMES = ["a", "a/b:c *", ELEMENT_SET_NAME];

const HEX_16 = "0123456789abcdef";

/** What a text may have to be, wherever one is; each schema takes those that it takes. */
const TEXTS: readonly string[] = [
  ...NAMES,
  "b",
  "é".repeat(limits.nameBytesMax / 2),
  "0:0",
  "zz:9007199254740991",
  HEX_16,
  HEX_16.repeat(2),
  HEX_16.repeat(4),
  "2026-11-21T03-17-00Z",
  "1|F|a|b\n2|P|a|b\n4|S|b\n",
  "app.js",
  "",
  '{"value":"b","timestamp":2}',
];

/** What names things, which are few. */
const NAMING = ["set", "tenant", "stream", "site"];

const NUMBERS = [0, 1, 2, 1_000, 3_600_000];

type AnySchema = v.GenericSchema & {
  readonly entries?: Readonly<Record<string, AnySchema>>;
  readonly item?: AnySchema;
  readonly wrapped?: AnySchema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly { readonly kind: string; readonly type: string; readonly requirement?: unknown }[];
};

/**
 * Values that would make a thing change by itself a moment later, or a request wait: then nobody could say what an answer had
 * changed.
 */
const QUIET: Readonly<Record<string, readonly unknown[]>> = {
  event_timeout_ms: [-1, limits.eventTimeoutMsMax, Number.MIN_SAFE_INTEGER],
  tombstone_retention_ms: [null, limits.timestampMsMax],
  wait: ["0", "1"],
};

export function valuesOf(schema: v.GenericSchema, key = ""): fc.Arbitrary<unknown> {
  const { type, entries, item, wrapped, options, literal, pipe } = schema as AnySchema;
  const quiet = QUIET[key];
  if (quiet !== undefined) return taken(schema, quiet, key);
  if (wrapped !== undefined) {
    const none = fc.constant(type === "nullable" ? null : undefined);
    return fc.oneof(valuesOf(wrapped, key), none);
  }
  switch (type) {
    case "object":
    case "loose_object":
    case "strict_object":
      return objects(entries ?? {}, pipe !== undefined);
    case "array":
      if (item === undefined) throw new Error(`${key}: an array of nothing`);
      return isExport(item) ? exportLines(item) : fc.array(valuesOf(item, key), { maxLength: 4 });
    case "union":
    case "variant":
      return fc.oneof(...(options as readonly AnySchema[]).map((option) => valuesOf(option, key)));
    case "picklist":
      return fc.constantFrom(...(options ?? []));
    case "literal":
      return fc.constant(literal);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
    case "number": {
      const bounds = (pipe ?? []).map(({ requirement }) => requirement).filter((bound) => typeof bound === "number");
      const numbers = [...NUMBERS, ...bounds];
      const texts = [...TEXTS, ...longest(pipe), ...numbers.map(String)];
      const values = taken(schema, type === "number" ? numbers : texts, key);
      if (!NAMING.includes(key)) return values;
      return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: values });
    }
    default:
      throw new Error(`${key}: no values are known of the schema ${type}`);
  }
}

function isExport({ options }: AnySchema): boolean {
  return (options?.[0] as AnySchema | undefined)?.entries?.["weir"]?.literal === "export";
}

/** A header, records, and perhaps the end, in this order. */
function exportLines({ options = [] }: AnySchema): fc.Arbitrary<unknown> {
  const [header, record, , end] = (options as readonly AnySchema[]).map((option) => valuesOf(option));
  if (header === undefined || record === undefined || end === undefined) throw new Error("no lines of an export");
  const lines = fc.tuple(header, fc.array(record, { maxLength: 4 }), fc.option(end, { nil: undefined }));
  return lines.map(([first, records, last]) => [first, ...records, ...(last === undefined ? [] : [last])]);
}

/** @param isChecked of optional keys alone, an object that is checked as a whole is one of several things */
function objects(entries: Readonly<Record<string, AnySchema>>, isChecked: boolean): fc.Arbitrary<unknown> {
  const schemas = Object.entries(entries);
  if (isChecked && schemas.every(([, { type }]) => type === "optional")) {
    return fc.oneof(
      ...schemas.map(([key, { wrapped }]) =>
        valuesOf(wrapped ?? entries[key]!, key).map((value) => ({ [key]: value })),
      ),
    );
  }
  const values = Object.entries(entries).map(([key, entry]) => [key, valuesOf(entry, key)] as const);
  return fc.record(Object.fromEntries(values)).map((made) => {
    return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined));
  });
}

/** Texts as long as names and elements may be; whoever takes shorter ones only is not given them. */
function longest(pipe: AnySchema["pipe"]): readonly string[] {
  return pipe === undefined ? [] : ["n".repeat(limits.nameBytesMax), "e".repeat(limits.elementBytesMax)];
}

function taken(schema: v.GenericSchema, candidates: readonly unknown[], key: string): fc.Arbitrary<unknown> {
  const values = candidates.filter((candidate) => v.safeParse(schema, candidate).success);
  if (values.length === 0) throw new Error(`${key}: no example is known`);
  return fc.constantFrom(...values);
}
