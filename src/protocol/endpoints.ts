/**
 * The endpoints table: every route exists here and nowhere else. The router, the SDK, the OpenAPI document and the
 * access rules are made from it.
 */
import * as v from "valibot";
import * as counters from "./counters.ts";
import { analyticsEndpoints } from "./analytics-endpoints.ts";
import { backupEndpoints } from "./backup-endpoints.ts";
import {
  ELEMENT_SET_NAME,
  ElementSetBulkSchema,
  ElementSetContainsQuerySchema,
  ElementSetFetchQuerySchema,
  ElementSetOpSchema,
  parseElementSetJson,
} from "./element-set.ts";
import type { Endpoint } from "./endpoint.ts";
import { LiveQuerySchema } from "./live.ts";
import { streamEndpoints } from "./stream-endpoints.ts";
import * as sets from "./sets.ts";
import { transferEndpoints } from "./transfer-endpoints.ts";

const open = { kind: "public" } as const;
const readsSet = { kind: "scope", feature: "sets", action: "read" } as const;
const writesSet = { kind: "scope", feature: "sets", action: "write" } as const;
const readsElementSet = { ...readsSet, name: ELEMENT_SET_NAME } as const;
const writesElementSet = { ...writesSet, name: ELEMENT_SET_NAME } as const;

const readsItems = { kind: "scope", feature: "items", action: "read" } as const;
const writesItems = { kind: "scope", feature: "items", action: "write" } as const;

const StatusSchema = v.object({ status: v.literal("ok") });
const EmptyObjectSchema = v.object({});

export const endpoints = {
  health: {
    method: "GET",
    path: "/healthz",
    summary: "Whether the server answers",
    access: open,
    unlimited: true,
    answers: { 200: { description: "It does", schema: StatusSchema } },
  },
  healthAlias: {
    method: "GET",
    path: "/health",
    summary: "The same under its older name",
    access: open,
    unlimited: true,
    answers: { 200: { description: "It does", schema: StatusSchema } },
  },
  openapi: {
    method: "GET",
    path: "/openapi.json",
    summary: "This document",
    access: open,
    answers: { 200: { description: "OpenAPI 3.1", schema: EmptyObjectSchema } },
  },
  metrics: {
    method: "GET",
    path: "/metrics",
    summary: "What one isolate has counted, as Prometheus text",
    access: { kind: "admin" },
    answers: { 200: { description: "Metrics", types: ["text/plain"] } },
  },

  page: {
    method: "GET",
    path: "/",
    summary: "The page: a set, live",
    access: open,
    answers: { 200: { description: "The page", types: ["text/html"] } },
  },
  pageFile: {
    method: "GET",
    path: "/viewer/:file",
    summary: "What the page is made of",
    access: open,
    params: v.object({ file: v.string() }),
    answers: { 200: { description: "A script or a style sheet", types: ["text/javascript", "text/css"] } },
  },

  setCreate: {
    method: "PUT",
    path: "/sets/:set",
    summary: "Create a set, with options that stay",
    access: writesSet,
    params: sets.SetParamsSchema,
    body: { schema: sets.SetOptionsSchema, optional: true },
    answers: {
      200: { description: "It existed with the same options", schema: sets.SetOptionsSchema },
      201: { description: "Created", schema: sets.SetOptionsSchema },
    },
  },
  setOps: {
    method: "POST",
    path: "/sets/:set/ops",
    summary: "Add and remove elements",
    access: writesSet,
    params: sets.SetParamsSchema,
    body: { schema: sets.OpsBodySchema, ndjson: "ops" },
    repeatableBy: "timestamp",
    answers: { 200: { description: "Committed; one verdict for each op, in order", schema: sets.OpsAnswerSchema } },
  },
  setElements: {
    method: "GET",
    path: "/sets/:set",
    summary: "The members, in code point order",
    access: readsSet,
    params: sets.SetParamsSchema,
    query: sets.ElementsQuerySchema,
    answers: {
      200: {
        description: "A page; or all members, streamed, as lines of JSON",
        schema: sets.ElementsAnswerSchema,
        types: ["application/x-ndjson"],
      },
    },
  },
  setErase: {
    method: "DELETE",
    path: "/sets/:set",
    summary: "Erase the set, its options and its history",
    access: writesSet,
    params: sets.SetParamsSchema,
    answers: { 204: { description: "Everything is gone" } },
  },
  setChanges: {
    method: "GET",
    path: "/sets/:set/changes",
    summary: "What changed since an offset, at most one change for each element",
    access: readsSet,
    params: sets.SetParamsSchema,
    query: sets.ChangesQuerySchema,
    answers: { 200: { description: "A page of changes", schema: sets.ChangesAnswerSchema } },
  },
  setLive: {
    method: "GET",
    path: "/sets/:set/live",
    summary: "Changes as they happen",
    access: readsSet,
    params: sets.SetParamsSchema,
    query: LiveQuerySchema,
    live: true,
    answers: {
      101: { description: "A WebSocket of frames" },
      200: { description: "Frames as events", schema: sets.ChangesFrameSchema, types: ["text/event-stream"] },
    },
  },
  setElement: {
    method: "GET",
    path: "/sets/:set/elements/:element",
    summary: "Whether an element is a member",
    access: readsSet,
    params: sets.SetElementParamsSchema,
    answers: { 200: { description: "Present or not, and as of when", schema: sets.ElementAnswerSchema } },
  },
  setElementAdd: {
    method: "PUT",
    path: "/sets/:set/elements/:element",
    summary: "Add one element",
    access: writesSet,
    params: sets.SetElementParamsSchema,
    query: sets.StampQuerySchema,
    repeatableBy: "timestamp",
    answers: { 200: { description: "Committed", schema: sets.OpsAnswerSchema } },
  },
  setElementRemove: {
    method: "DELETE",
    path: "/sets/:set/elements/:element",
    summary: "Remove one element",
    access: writesSet,
    params: sets.SetElementParamsSchema,
    query: sets.StampQuerySchema,
    repeatableBy: "timestamp",
    answers: { 200: { description: "Committed", schema: sets.OpsAnswerSchema } },
  },

  itemsObserve: {
    method: "POST",
    path: "/items",
    summary: "Count items, each once for its tenant",
    access: { ...writesItems, namesInBody: "tenant" },
    query: counters.ItemsQuerySchema,
    body: { schema: counters.ItemsBodySchema, ndjson: true },
    answers: {
      200: { description: "Committed; how many were new, and which on request", schema: counters.ItemsAnswerSchema },
    },
  },
  itemsCount: {
    method: "GET",
    path: "/items/:tenant/count",
    summary: "How many distinct items a tenant has",
    access: readsItems,
    params: counters.TenantParamsSchema,
    answers: { 200: { description: "Their number; 0 for a tenant never written", schema: counters.CountAnswerSchema } },
  },
  itemsLive: {
    method: "GET",
    path: "/items/:tenant/live",
    summary: "The count as it changes",
    access: readsItems,
    params: counters.TenantParamsSchema,
    query: LiveQuerySchema,
    live: true,
    answers: {
      101: { description: "A WebSocket of frames" },
      200: { description: "Frames as events", schema: counters.CountFrameSchema, types: ["text/event-stream"] },
    },
  },
  itemsItem: {
    method: "GET",
    path: "/items/:tenant/items/:id",
    summary: "Whether an item was counted",
    access: readsItems,
    params: counters.TenantItemParamsSchema,
    answers: { 200: { description: "Counted or not, and when", schema: counters.CountedAnswerSchema } },
  },
  itemsErase: {
    method: "DELETE",
    path: "/items/:tenant",
    summary: "Erase a tenant's items, so that each counts again",
    access: writesItems,
    params: counters.TenantParamsSchema,
    answers: { 204: { description: "Everything is gone" } },
  },

  elementSetAdd: {
    method: "POST",
    path: "/api/element-set/add",
    summary: "Add a value",
    access: writesElementSet,
    body: { schema: ElementSetOpSchema, parseJson: parseElementSetJson },
    errors: "element-set",
    answers: { 200: { description: "Committed", schema: EmptyObjectSchema } },
  },
  elementSetRemove: {
    method: "DELETE",
    path: "/api/element-set/remove",
    summary: "Remove a value",
    access: writesElementSet,
    body: { schema: ElementSetOpSchema, parseJson: parseElementSetJson },
    errors: "element-set",
    answers: { 200: { description: "Committed", schema: EmptyObjectSchema } },
  },
  elementSetContains: {
    method: "GET",
    path: "/api/element-set/contains",
    summary: "Whether a value is a member",
    access: readsElementSet,
    query: ElementSetContainsQuerySchema,
    errors: "element-set",
    answers: { 200: { description: "Whether it is", schema: v.object({ contains: v.boolean() }) } },
  },
  elementSetBulk: {
    method: "POST",
    path: "/api/element-set/bulk-operations",
    summary: "Add and remove many values",
    access: writesElementSet,
    body: { schema: ElementSetBulkSchema, ndjson: true },
    errors: "element-set",
    answers: { 200: { description: "Committed", schema: EmptyObjectSchema } },
  },
  elementSetFetch: {
    method: "GET",
    path: "/api/element-set/fetch-all-data",
    summary: "Every change that a holder of so many records may lack",
    access: readsElementSet,
    query: ElementSetFetchQuerySchema,
    errors: "element-set",
    answers: { 200: { description: 'Records "add,<value>,<seconds>\\n"', schema: v.array(v.string()) } },
  },

  ...analyticsEndpoints,
  ...streamEndpoints,
  ...transferEndpoints,
  ...backupEndpoints,
} as const satisfies Readonly<Record<string, Endpoint>>;

export type Endpoints = typeof endpoints;
export type EndpointId = keyof Endpoints;

/** What a handler is given for the path's parameters. */
export type ParamsOf<K extends EndpointId> = PartOf<Endpoints[K], "params">;
/** What a handler is given for the query string. */
export type QueryOf<K extends EndpointId> = PartOf<Endpoints[K], "query">;
/** What a handler is given for the body. */
export type BodyOf<K extends EndpointId> = Endpoints[K] extends { readonly body: { readonly schema: infer S } }
  ? S extends v.GenericSchema
    ? v.InferOutput<S>
    : never
  : undefined;
/** What a client may send as the body. */
export type BodyInputOf<K extends EndpointId> = Endpoints[K] extends { readonly body: { readonly schema: infer S } }
  ? S extends v.GenericSchema
    ? v.InferInput<S>
    : never
  : undefined;
/** The JSON of the 200 answer, or of the 202. */
export type AnswerOf<K extends EndpointId> = Endpoints[K]["answers"] extends
  | { 200: { readonly schema: infer S } }
  | { 202: { readonly schema: infer S } }
  ? S extends v.GenericSchema
    ? v.InferOutput<S>
    : never
  : undefined;

type PartOf<E, P extends string> =
  E extends Readonly<Record<P, infer S>>
    ? S extends v.GenericSchema
      ? v.InferOutput<S>
      : never
    : Readonly<Record<string, never>>;
