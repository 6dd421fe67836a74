/**
 * Exports and imports: a thing as lines of JSON. The first line is a header, the last one an end; between them are the
 * records, and after each page a cursor, from which an export that was cut goes on. A file without its end line is cut.
 *
 * A part of an import looks the same: the header, some records, and with the last of them the end. So a small file is one
 * part as it stands.
 */
import * as v from "valibot";
import { batchOf } from "./batch.ts";
import { queryInteger } from "./names.ts";
import { limits } from "./limits.ts";

/** Of the format. A file of another is refused, since a thing of which a part is not understood would be another thing. */
export const EXPORT_VERSION = 1;

export const EXPORTED_FEATURES = ["sets", "items", "analytics", "streams"] as const;
export type ExportedFeature = (typeof EXPORTED_FEATURES)[number];

const ExportIdSchema = v.pipe(v.string("must be a string"), v.regex(/^[0-9a-f]{16}$/, "must be 16 hex digits"));

/** A whole number of anything, from 0. */
export const CountSchema = v.pipe(
  v.number("must be a number"),
  v.integer("must be an integer"),
  v.minValue(0, "must not be negative"),
  v.maxValue(Number.MAX_SAFE_INTEGER, "is too large"),
);

/** 16 lower-case hex digits, as digests are written. */
export const DigestSchema = v.pipe(v.string("must be a string"), v.regex(/^[0-9a-f]{16}$/, "must be 16 hex digits"));

/** What every header has. `name` tells where the export came from; it may be imported under any. */
export function headerEntries<const F extends string>(feature: F) {
  return {
    weir: v.literal("export"),
    version: v.literal(EXPORT_VERSION, `must be ${EXPORT_VERSION}, the version that this server knows`),
    feature: v.literal(feature, `must be "${feature}", for this is where those are imported`),
    name: v.string("must be a string"),
    id: ExportIdSchema,
  };
}

/** A header of any feature: as much of it as one needs to know where it belongs. */
export const AnyHeaderSchema = v.looseObject({
  weir: v.literal("export"),
  version: v.literal(EXPORT_VERSION, `must be ${EXPORT_VERSION}, the version that is known here`),
  feature: v.picklist(EXPORTED_FEATURES),
  name: v.string(),
  id: ExportIdSchema,
});
export type AnyHeader = v.InferOutput<typeof AnyHeaderSchema>;

/** Between two pages. Of no meaning to an import. */
export const CursorLineSchema = v.object({
  weir: v.literal("cursor"),
  cursor: v.string(),
  /** Which part of the export comes before it, from 0 to 1, about. */
  done: v.optional(v.number()),
});

function endEntries<const S extends v.GenericSchema>(state: S) {
  return {
    weir: v.literal("end"),
    id: ExportIdSchema,
    /** How many record lines there are before it. */
    records: CountSchema,
    /** Of the record lines; see core/transfer/line-digest.ts. */
    digest: DigestSchema,
    /** What the thing is that the records make. */
    state,
  };
}

export const AnyEndSchema = v.object(endEntries(v.looseObject({})));
export type AnyEnd = v.InferOutput<typeof AnyEndSchema>;

export interface ImportEnd<S> {
  readonly records: number;
  readonly state: S;
}

/** One request of an import, its lines told apart. */
export interface ImportPart<H, R, S> {
  readonly header: H;
  readonly records: readonly R[];
  /** Comes with the last part. */
  readonly end: ImportEnd<S> | undefined;
}

/** The lines of a part: a header, then records, perhaps an end. */
export function importBodyOf<
  const H extends v.GenericSchema<{ readonly weir: "export" }>,
  const R extends v.GenericSchema<object>,
  const S extends v.GenericSchema<object>,
>(header: H, record: R, state: S) {
  const end = v.object(endEntries(state));
  const either = v.union([header, record, CursorLineSchema, end]);
  const kinds: Readonly<Record<string, v.GenericSchema>> = { export: header, cursor: CursorLineSchema, end };
  // A line says what it is, and then its own faults are what to report.
  const run: (typeof either)["~run"] = (dataset, config) => {
    const kind = (dataset.value as { readonly weir?: unknown } | null | undefined)?.weir;
    const schema = (typeof kind === "string" && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined) ?? record;
    return schema["~run"](dataset, config) as ReturnType<(typeof either)["~run"]>;
  };
  return v.pipe(
    batchOf({ ...either, "~run": run }),
    v.rawTransform(({ dataset, addIssue, NEVER }): ImportPart<v.InferOutput<H>, v.InferOutput<R>, v.InferOutput<S>> => {
      const lines = dataset.value as readonly Line[];
      const fault = misplaced(lines);
      if (fault !== undefined) {
        const [index, message] = fault;
        const path = { type: "array", origin: "value", input: dataset.value, key: index, value: lines[index] } as const;
        addIssue({ message, path: [path] });
        return NEVER;
      }
      const last = lines.at(-1);
      return {
        header: lines[0] as v.InferOutput<H>,
        records: lines.filter(({ weir }) => weir === undefined),
        end: last?.weir === "end" ? (last as ImportEnd<v.InferOutput<S>> & { readonly weir: "end" }) : undefined,
      };
    }),
  );
}

interface Line {
  readonly weir?: unknown;
  readonly id?: unknown;
}

/** The line that is where it can't be, and what to say about it. */
function misplaced(lines: readonly Line[]): readonly [number, string] | undefined {
  if (lines[0]?.weir !== "export") return [0, "must be the header of an export"];
  const header = lines.findIndex(({ weir }, index) => weir === "export" && index > 0);
  if (header !== -1) return [header, "must not be another header"];
  const end = lines.findIndex(({ weir }, index) => weir === "end" && index < lines.length - 1);
  if (end !== -1) return [end + 1, "must not come after the end"];
  const last = lines.at(-1);
  const isOther = last?.weir === "end" && last.id !== lines[0].id;
  return isOther ? [lines.length - 1, "must be the end of the export that the header is of"] : undefined;
}

/** Opaque; it names the export, what came before it, and where it goes on. */
const CursorSchema = v.pipe(
  v.string("must be a cursor"),
  v.check((text) => text.length <= limits.exportCursorCharsMax, "must be a cursor this server gave"),
  v.description("a cursor from an earlier page"),
);

export const ExportQuerySchema = v.object({ cursor: v.optional(CursorSchema) });
export const ImportQuerySchema = v.object({
  from: v.optional(queryInteger(0, limits.exportRecordsMax, "how many records come before those of this part"), "0"),
});

/** A page of an export. The file is the lines of all pages, each ended by LF. */
export const ExportPageSchema = v.object({
  lines: v.array(v.string()),
  /** Where to go on; `null` at the end. */
  cursor: v.nullable(v.string()),
  /** Which part of the export is done, from 0 to 1, about. */
  done: v.number(),
});
export type ExportPage = v.InferOutput<typeof ExportPageSchema>;

export const ImportAnswerSchema = v.object({
  /** How many records of the import are in: where to go on. */
  taken: CountSchema,
  /** Whether what is here now is what was exported, in everything that the end line says; null before the end. */
  identical: v.nullable(v.boolean()),
});
export type ImportAnswer = v.InferOutput<typeof ImportAnswerSchema>;
