/**
 * What this isolate counts, for `GET /metrics`. Figures are of one isolate since it began: locally that is the whole server;
 * on Cloudflare there are many, each scrape reaches one of them, and each says which it is in the label `isolate`.
 */
import { endpoints } from "../../protocol/endpoints.ts";
import type { EndpointId } from "../../protocol/endpoints.ts";
import { problemStatus } from "../../protocol/problem.ts";
import { bodyBudget } from "../body-budget.ts";
import { Counter, Gauge, Histogram, labelPair } from "./metric.ts";
import { viewerCensus } from "./viewer-census.ts";

/** Of requests for paths, or methods, that there are not. */
const NO_ROUTE = "none";
const ROUTES: readonly string[] = [...Object.keys(endpoints), NO_ROUTE];
const CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;
const CODES = Object.keys(problemStatus);
/** Each code has a status of its own. */
const codeOfStatus = new Map(Object.values(problemStatus).map((status, index) => [status as number, index]));
const seriesOfRoute = new Map(ROUTES.map((route, index) => [route, index]));

export const FEATURES = ["sets", "items", "analytics"] as const;
export type CountedFeature = (typeof FEATURES)[number];

/** What can become of an entry of a request. */
const OUTCOMES = {
  sets: ["applied", "superseded", "future", "expired"],
  items: ["new", "duplicate"],
  analytics: ["accepted", "duplicate"],
} as const satisfies Readonly<Record<CountedFeature, readonly string[]>>;
export type Outcome<F extends CountedFeature> = (typeof OUTCOMES)[F][number];

const ENTRY_SERIES = FEATURES.flatMap((feature) => OUTCOMES[feature].map((outcome) => [feature, outcome] as const));
const seriesOfEntry = new Map(ENTRY_SERIES.map(([feature, outcome], index) => [`${feature} ${outcome}`, index]));

const MS_PER_S = 1_000;
const DURATION_BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60];
const COMMIT_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

const requests = new Counter({
  name: "weir_requests_total",
  help: "Requests answered by this isolate, by route and class of the status.",
  labels: ["route", "class"],
  series: ROUTES.flatMap((route) => CLASSES.map((each) => [route, each])),
});

const errors = new Counter({
  name: "weir_errors_total",
  help: "Requests refused by this isolate, by the code of the problem.",
  labels: ["code"],
  series: CODES.map((code) => [code]),
});

const durations = new Histogram(
  {
    name: "weir_request_duration_seconds",
    help: "From a request's arrival to its answer's head, in whole milliseconds; the clock only moves with I/O.",
    labels: ["route"],
    series: ROUTES.map((route) => [route]),
  },
  DURATION_BOUNDS_S,
);

const commits = new Histogram(
  {
    name: "weir_group_commit_entries",
    help: "Entries of the small writes that shared one call to an object.",
    labels: ["feature"],
    series: FEATURES.map((feature) => [feature]),
  },
  COMMIT_BOUNDS,
);

const totalsReads = new Counter({
  name: "weir_totals_cache_reads_total",
  help: "Reads of a shard's totals that found them in this isolate (hit), or did not (miss).",
  labels: ["outcome"],
  series: [["hit"], ["miss"]],
});

const entries = new Counter({
  name: "weir_entries_total",
  help: "Operations, items and events that this isolate passed on to their objects, by what became of them.",
  labels: ["feature", "outcome"],
  series: ENTRY_SERIES,
});

const suppressed = new Counter({
  name: "weir_log_lines_suppressed_total",
  help: "Log lines that were left out because there were too many at once.",
  labels: [],
  series: [[]],
});

const viewers = new Gauge(
  {
    name: "weir_viewers",
    help: "Viewers of the objects that live in this isolate: all of them locally; on Cloudflare objects mostly live elsewhere.",
    labels: ["form"],
    series: [["socket"], ["stream"]],
  },
  () => viewerCensus.total(),
);

const bodies = new Gauge(
  {
    name: "weir_body_bytes",
    help: "What the bodies of requests that are not answered yet take.",
    labels: [],
    series: [[]],
  },
  () => [bodyBudget.bytes],
);

/** Neither the clock nor randomness exists before the first request. */
let isolate: { readonly id: string; readonly startMs: number } | undefined;

function thisIsolate(): { readonly id: string; readonly startMs: number } {
  isolate ??= { id: crypto.randomUUID().slice(0, 8), startMs: Date.now() };
  return isolate;
}

const started = new Gauge(
  {
    name: "weir_isolate_start_time_seconds",
    help: "When this isolate answered its first request, in seconds since the Unix epoch.",
    labels: [],
    series: [[]],
  },
  () => [thisIsolate().startMs / MS_PER_S],
);

const METRICS = [requests, errors, durations, commits, totalsReads, entries, viewers, bodies, suppressed, started];

export function countRequest(route: EndpointId | undefined, status: number, ms: number): void {
  thisIsolate();
  const series = seriesOfRoute.get(route ?? NO_ROUTE) ?? 0;
  requests.add(series * CLASSES.length + Math.floor(status / 100) - 1);
  durations.observe(series, ms / MS_PER_S);
  if (status < 400) return;
  const code = codeOfStatus.get(status);
  if (code !== undefined) errors.add(code);
}

export function countEntries<F extends CountedFeature>(feature: F, outcome: Outcome<F>, count: number): void {
  const series = seriesOfEntry.get(`${feature} ${outcome}`);
  if (series !== undefined) entries.add(series, count);
}

export function countCommit(feature: CountedFeature, count: number): void {
  commits.observe(FEATURES.indexOf(feature), count);
}

export function countTotalsReads(hits: number, misses: number): void {
  totalsReads.add(0, hits);
  totalsReads.add(1, misses);
}

export function countSuppressed(): void {
  suppressed.add(0);
}

/** All metrics as text. */
export function metricsText(): string {
  const label = labelPair("isolate", thisIsolate().id);
  return METRICS.map((metric) => metric.text(label)).join("");
}
