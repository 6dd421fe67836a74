/** The totals of all slices of a site that hold data, as text, read page by page as the client takes it. */
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { inLanes } from "../lanes.ts";
import { streamPages } from "../page-stream.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { AnalyticsEdge } from "./analytics-edge.ts";
import { SliceReader } from "./read-slices.ts";
import { sliceParagraph } from "./slice-answer.ts";
import type { CataloguedSlice } from "./slice-catalogue.ts";

const PAGE_SLICES = 100;
/** Slices that are read at the same time. */
const LANES_MAX = 8;

export async function allSlices(
  request: Request,
  edge: AnalyticsEdge,
  site: string,
  fresh: boolean,
  waitUntil: WaitUntil,
): Promise<Result<Response>> {
  const catalogue = (from: number) => edge.objects.slices(site, from, Number.MAX_SAFE_INTEGER, PAGE_SLICES);
  const reader = new SliceReader(edge, site, fresh, waitUntil);
  let page = await catalogue(Number.MIN_SAFE_INTEGER);
  if (!page.ok) return page;
  const first = await toText(reader, page.value);
  if (!first.ok) return first;

  const response = streamPages(request, "text/plain; charset=utf-8", first.value, async () => {
    const last = page.ok ? page.value.at(-1) : undefined;
    if (last === undefined) return undefined;
    page = await catalogue(last.claim.start + 1);
    if (!page.ok) throw new Error(page.problem.detail);
    if (page.value.length === 0) return undefined;
    const text = await toText(reader, page.value);
    if (!text.ok) throw new Error(text.problem.detail);
    return text.value;
  });
  response.headers.set("Cache-Control", "max-age=1");
  return succeed(response);
}

async function toText(reader: SliceReader, slices: readonly CataloguedSlice[]): Promise<Result<string>> {
  const readings = await inLanes(slices, LANES_MAX, ({ claim, shards }) => reader.read(claim, shards));
  let text = "";
  for (const reading of readings) {
    if (!reading.ok) return reading;
    // A shard tells of itself before it counts, so for a moment a slice may be known and still be empty.
    const { start, sum } = reading.value;
    if (sum.clicks + sum.impressions > 0) text += sliceParagraph(start, sum);
  }
  return succeed(text);
}
