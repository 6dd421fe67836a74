/** The routes of analytics: from a checked call to the objects of its slices and back. */
import type { RoutingChange } from "../../core/analytics/routing.ts";
import { toRouting, toRoutingBody } from "../../protocol/analytics.ts";
import type { SliceAnswer } from "../../protocol/analytics.ts";
import { refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Problem } from "../../protocol/problem.ts";
import { accepts } from "../accepted-types.ts";
import type { Call, Handlers } from "../handler.ts";
import { callObject } from "../object-call.ts";
import { jsonAnswer, jsonResponse, textResponse } from "../respond.ts";
import { exportAnswer } from "../transfer/export-lines.ts";
import { allSlices } from "./all-slices.ts";
import { analyticsEdge, routingStub, siteStub } from "./durable-analytics.ts";
import { SliceReader } from "./read-slices.ts";
import type { SliceReading } from "./read-slices.ts";
import { recordEvent, recordEvents } from "./record-events.ts";
import { siteExport } from "./site-export.ts";
import { importSite } from "./site-import.ts";
import { cacheControl, shardParagraph, toIso, toLines, toRow } from "./slice-answer.ts";
import { sliceRange } from "./slice-range.ts";

/** A request waits for so many rounds of erasing, each of some hundred shards. */
const ERASE_CALLS_MAX = 20;

export const analyticsHandlers: Handlers<
  | "analyticsRecord"
  | "analyticsEvents"
  | "analyticsSlice"
  | "analyticsRange"
  | "analyticsPerWorker"
  | "analyticsAllSlices"
  | "analyticsRouting"
  | "analyticsRoute"
  | "analyticsLive"
  | "analyticsExport"
  | "analyticsImport"
  | "analyticsErase"
> = {
  analyticsRecord: async ({ env, query, waitUntil }) => {
    const recorded = await recordEvent(analyticsEdge(env), query, waitUntil);
    return recorded.ok ? succeed(new Response(null, { status: 202 })) : recorded;
  },

  analyticsEvents: async ({ request, env, body, waitUntil }) => {
    const recorded = await recordEvents(analyticsEdge(env), body, waitUntil);
    return recorded.ok ? succeed(jsonResponse(request, recorded.value, 202)) : recorded;
  },

  analyticsSlice: async (call) => {
    const { request, query } = call;
    const reading = await readerFor(call).readAt(query.timestamp);
    if (!reading.ok) return reading;
    const headers = { "Cache-Control": cacheControl(reading.value.maxStalenessMs), Vary: "Accept" };
    if (accepts(request, "application/json", "text/plain")) {
      return succeed(jsonResponse(request, toAnswer(reading.value), 200, headers));
    }
    return succeed(textResponse(toLines(reading.value.sum), 200, headers));
  },

  analyticsPerWorker: async (call) => {
    const reading = await readerFor(call).readAt(call.query.timestamp);
    if (!reading.ok) return reading;
    const paragraphs = reading.value.shards.map((totals, shard) => shardParagraph(shard, totals));
    const headers = { "Cache-Control": cacheControl(reading.value.maxStalenessMs) };
    return succeed(textResponse(paragraphs.join(""), 200, headers));
  },

  analyticsRange: async ({ request, env, query, waitUntil }) => {
    const range = await sliceRange(analyticsEdge(env), query, wantsFresh(request), waitUntil);
    if (!range.ok) return range;
    const { slices, maxStalenessMs } = range.value;
    return succeed(jsonResponse(request, { slices }, 200, { "Cache-Control": cacheControl(maxStalenessMs) }));
  },

  analyticsAllSlices: ({ request, env, query, waitUntil }) => {
    return allSlices(request, analyticsEdge(env), query.site, wantsFresh(request), waitUntil);
  },

  analyticsRouting: async ({ request, env }) => {
    const routing = await callObject(routingStub(env), (stub) => stub.read());
    return jsonAnswer(request, routing.ok ? succeed(toRoutingBody(routing.value)) : routing);
  },

  analyticsRoute: async ({ request, env, body }) => {
    const change = await callObject(routingStub(env), (stub) => stub.change(toRouting(body)));
    if (!change.ok) return change;
    if (change.value.kind !== "accepted") return { ok: false, problem: routingProblem(change.value) };
    analyticsEdge(env).routing.take(change.value.routing);
    return succeed(jsonResponse(request, toRoutingBody(change.value.routing)));
  },

  analyticsLive: async ({ request, env, query }) => {
    return callObject(siteStub(env, query.site), (stub) => stub.fetch(request));
  },

  analyticsExport: ({ request, env, query }) => exportAnswer(request, siteExport(env, query.site), query.cursor),

  analyticsImport: async ({ request, env, query, body }) => {
    return jsonAnswer(request, await importSite(env, query.site, body, query.from));
  },

  analyticsErase: async ({ env, query }) => {
    const edge = analyticsEdge(env);
    for (let calls = 0; calls < ERASE_CALLS_MAX; calls++) {
      const isErased = await callObject(siteStub(env, query.site), (stub) => stub.erase());
      if (!isErased.ok) return isErased;
      if (!isErased.value) continue;
      edge.totals.clear(edge.now());
      return succeed(new Response(null, { status: 204 }));
    }
    return refuseForNow("The site is large: it goes on being erased by itself. Ask again to know when it is done.");
  },
};

function readerFor(call: Call<"analyticsSlice" | "analyticsPerWorker">): SliceReader {
  const { request, env, query, waitUntil } = call;
  return new SliceReader(analyticsEdge(env), query.site, wantsFresh(request), waitUntil);
}

/** The caller asks for the objects' own answer. */
function wantsFresh(request: Request): boolean {
  return (request.headers.get("Cache-Control") ?? "").toLowerCase().includes("no-cache");
}

function toAnswer({ start, sum, shards, asOfMs, maxStalenessMs }: SliceReading): SliceAnswer {
  return {
    ...toRow(start, sum),
    as_of: toIso(asOfMs),
    max_staleness_ms: maxStalenessMs,
    shards: shards.length,
    late: sum.late,
  };
}

function routingProblem({ path, message, earliest }: Extract<RoutingChange, { readonly kind: "conflict" }>): Problem {
  const hint =
    earliest === undefined
      ? "There is no later start that a new rule could have."
      : `The earliest start that a new rule may have is ${toIso(earliest)}.`;
  return {
    code: "conflict",
    detail: `${path}: ${message}. ${hint}`,
    errors: [{ path, message }],
    ...(earliest !== undefined && { earliest }),
  };
}
