/** The totals of all slices of a site that hold data, as text, read page by page as the client takes it. */
import { eventsIn } from "../../core/analytics/totals.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { streamPages } from "../page-stream.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { AnalyticsEdge } from "./analytics-edge.ts";
import { SliceReader } from "./read-slices.ts";
import type { SliceReading } from "./read-slices.ts";
import { cacheControl, sliceParagraph } from "./slice-answer.ts";

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
  const first = await reader.readEach(page.value, LANES_MAX);
  if (!first.ok) return first;

  const response = streamPages(request, "text/plain;charset=UTF-8", toText(first.value), async () => {
    const last = page.ok ? page.value.at(-1) : undefined;
    if (last === undefined) return undefined;
    page = await catalogue(last.claim.start + 1);
    if (!page.ok) throw new Error(page.problem.detail);
    if (page.value.length === 0) return undefined;
    const readings = await reader.readEach(page.value, LANES_MAX);
    if (!readings.ok) throw new Error(readings.problem.detail);
    return toText(readings.value);
  });
  // Of later slices nothing older is told than of the earliest.
  response.headers.set("Cache-Control", cacheControl(reader.stalenessMsOf(first.value)));
  return succeed(response);
}

function toText(readings: readonly SliceReading[]): string {
  // A shard tells of itself before it counts, so for a moment a slice may be known and still be empty.
  const counted = readings.filter(({ sum }) => eventsIn(sum) > 0);
  return counted.map(({ start, sum }) => sliceParagraph(start, sum)).join("");
}
