/** The routes of analytics, a part of the endpoints table. */
import * as analytics from "./analytics.ts";
import type { Endpoint } from "./endpoint.ts";

const readsSite = { kind: "scope", feature: "analytics", action: "read", nameInQuery: "site" } as const;
const writesSite = { kind: "scope", feature: "analytics", action: "write", nameInQuery: "site" } as const;
const writesSites = { kind: "scope", feature: "analytics", action: "write", namesInBody: "site" } as const;
const admin = { kind: "admin" } as const;

export const analyticsEndpoints = {
  analyticsRecord: {
    method: "POST",
    path: "/analytics",
    summary: "Count one event",
    access: writesSite,
    query: analytics.RecordQuerySchema,
    repeatableBy: "id",
    answers: { 202: { description: "Counted" } },
  },
  analyticsEvents: {
    method: "POST",
    path: "/analytics/events",
    summary: "Count events of any sites and slices",
    access: writesSites,
    body: { schema: analytics.EventsBodySchema, ndjson: true },
    repeatableBy: "id",
    answers: { 202: { description: "Counted, but for the duplicates", schema: analytics.EventsAnswerSchema } },
  },
  analyticsSlice: {
    method: "GET",
    path: "/analytics",
    summary: "The totals of the slice that holds a timestamp",
    access: readsSite,
    query: analytics.SliceQuerySchema,
    answers: {
      200: { description: "Three lines, or JSON", schema: analytics.SliceAnswerSchema, types: ["text/plain"] },
    },
  },
  analyticsRange: {
    method: "GET",
    path: "/analytics/range",
    summary: "The totals of each slice from one timestamp to another",
    access: readsSite,
    query: analytics.RangeQuerySchema,
    answers: { 200: { description: "One row a slice, zeros included", schema: analytics.RangeAnswerSchema } },
  },
  analyticsPerWorker: {
    method: "GET",
    path: "/analytics/perworker",
    summary: "The totals of each shard of a slice",
    access: readsSite,
    query: analytics.SliceQuerySchema,
    answers: { 200: { description: "Four lines and an empty one for each shard", types: ["text/plain"] } },
  },
  analyticsAllSlices: {
    method: "GET",
    path: "/analytics/allslices",
    summary: "The totals of each slice that holds data, the earliest first",
    access: readsSite,
    query: analytics.SiteQuerySchema,
    answers: { 200: { description: "Four lines and an empty one for each slice, streamed", types: ["text/plain"] } },
  },
  analyticsRouting: {
    method: "GET",
    path: "/analytics/routing",
    summary: "How slices lie in time, and how many shards they have",
    access: admin,
    answers: { 200: { description: "The rules", schema: analytics.RoutingSchema } },
  },
  analyticsRoute: {
    method: "PUT",
    path: "/analytics/routing",
    summary: "Add routing rules",
    access: admin,
    body: { schema: analytics.RoutingSchema },
    answers: { 200: { description: "The rules from now on", schema: analytics.RoutingSchema } },
  },
  analyticsLive: {
    method: "GET",
    path: "/analytics/live",
    summary: "The totals of a slice as they grow; without a timestamp, of the current slice, whichever that is",
    access: readsSite,
    query: analytics.SliceLiveQuerySchema,
    live: true,
    answers: {
      101: { description: "A WebSocket of frames" },
      200: { description: "Frames as events", schema: analytics.SliceFrameSchema, types: ["text/event-stream"] },
    },
  },
} as const satisfies Readonly<Record<string, Endpoint>>;
