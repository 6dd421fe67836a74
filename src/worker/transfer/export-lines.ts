/**
 * An export as lines: JSON pages for programs that keep a file, or one stream for whoever just wants it. Keeps nothing
 * between two pages: what the end line will say is carried along in the cursor.
 */
import * as v from "valibot";
import { formatDigest, parseDigest } from "../../core/sets/digest.ts";
import { addLine } from "../../core/transfer/line-digest.ts";
import { sha256Hash64 } from "../../protocol/hash64.ts";
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { CountSchema, DigestSchema, EXPORT_VERSION } from "../../protocol/transfer.ts";
import type { ExportPage } from "../../protocol/transfer.ts";
import { newEpoch } from "../epoch.ts";
import { streamPages } from "../page-stream.ts";
import { accepts } from "../accepted-types.ts";
import { jsonResponse } from "../respond.ts";
import type { ExportSource, ExportStep } from "./export-source.ts";

/**
 * Calls of objects for one stream. The platform bounds those of one request, so a long stream ends with a cursor line in
 * place of the end line, and another request goes on.
 */
const STREAM_CALLS_MAX = 900;

/** What came before, and where to go on. */
interface Standing<P> {
  readonly id: string;
  readonly records: number;
  readonly digest: bigint;
  readonly position: P;
}

/** Answers with the page at `cursor`, or with everything from there on if lines of JSON are wanted. */
export async function exportAnswer<P>(
  request: Request,
  source: ExportSource<P>,
  cursor: string | undefined,
  callsMax = STREAM_CALLS_MAX,
): Promise<Result<Response>> {
  const first = await exportPage(source, cursor);
  if (!first.ok) return first;
  if (!accepts(request, "application/x-ndjson", "application/json")) {
    const { lines, cursor: next, done } = first.value;
    return succeed(jsonResponse(request, { lines, cursor: next, done }));
  }
  let page = first.value;
  let { calls } = page;
  const response = streamPages(request, "application/x-ndjson", toText(page), async () => {
    if (page.cursor === null || calls >= callsMax) return undefined;
    const next = await exportPage(source, page.cursor);
    if (!next.ok) throw new Error(next.problem.detail);
    page = next.value;
    calls += page.calls;
    return toText(page);
  });
  return succeed(response);
}

/** A page, and how many objects were asked for it. */
export interface ReadPage extends ExportPage {
  readonly calls: number;
}

/** The page at `cursor`, or the first. */
export async function exportPage<P>(source: ExportSource<P>, cursor: string | undefined): Promise<Result<ReadPage>> {
  const lines: string[] = [];
  const standing = cursor === undefined ? await begin(source, lines) : parseCursor(source, cursor);
  if (!standing.ok) return standing;
  const step = await source.read(standing.value.position);
  return step.ok ? succeed(toPage(lines, standing.value, step.value)) : step;
}

async function begin<P>(source: ExportSource<P>, lines: string[]): Promise<Result<Standing<P>>> {
  const begun = await source.begin();
  if (!begun.ok) return begun;
  const { header, position } = begun.value;
  const { feature, name } = source;
  const id = newEpoch();
  lines.push(JSON.stringify({ weir: "export", version: EXPORT_VERSION, feature, name, id, ...header }));
  return succeed({ id, records: 0, digest: 0n, position });
}

function toPage<P>(
  lines: string[],
  { id, records, digest }: Standing<P>,
  { records: read, calls = 1, next }: ExportStep<P>,
): ReadPage {
  let sum = digest;
  for (const record of read) {
    const line = JSON.stringify(record);
    sum = addLine(sum, line, sha256Hash64);
    lines.push(line);
  }
  const count = records + read.length;
  if (next.kind === "end") {
    lines.push(JSON.stringify({ weir: "end", id, records: count, digest: formatDigest(sum), state: next.state }));
    return { lines, cursor: null, done: 1, calls };
  }
  const cursor = JSON.stringify([id, count, formatDigest(sum), next.position]);
  lines.push(JSON.stringify({ weir: "cursor", cursor, done: next.done }));
  return { lines, cursor, done: next.done, calls };
}

function parseCursor<P>({ position }: ExportSource<P>, text: string): Result<Standing<P>> {
  const schema = v.pipe(v.string(), v.parseJson(), v.tuple([DigestSchema, CountSchema, DigestSchema, position]));
  const parsed = v.safeParse(schema, text);
  if (!parsed.success) return refuseField("cursor", "must be a cursor this server gave");
  const [id, records, digest, at] = parsed.output;
  return succeed({ id, records, digest: parseDigest(digest), position: at });
}

function toText({ lines }: ExportPage): string {
  return `${lines.join("\n")}\n`;
}
