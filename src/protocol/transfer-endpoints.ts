/** The routes by which things are exported and imported, a part of the endpoints table. */
import type { Endpoint } from "./endpoint.ts";
import * as counters from "./counters.ts";
import { ItemImportSchema } from "./item-transfer.ts";
import { StreamImportSchema } from "./stream-transfer.ts";
import { StreamParamsSchema } from "./streams.ts";
import { SetImportSchema } from "./set-transfer.ts";
import * as sets from "./sets.ts";
import {
  NamedSiteQuerySchema,
  SiteExportQuerySchema,
  SiteImportQuerySchema,
  SiteImportSchema,
} from "./site-transfer.ts";
import { ExportPageSchema, ExportQuerySchema, ImportAnswerSchema, ImportQuerySchema } from "./transfer.ts";

const exported = {
  200: {
    description: "A page; or all, streamed, as lines of JSON",
    schema: ExportPageSchema,
    types: ["application/x-ndjson"],
  },
} as const;
const imported = { 200: { description: "Committed; how far the import is", schema: ImportAnswerSchema } } as const;

export const transferEndpoints = {
  setExport: {
    method: "GET",
    path: "/sets/:set/export",
    summary: "A set as lines of JSON, tombstones included",
    access: { kind: "scope", feature: "sets", action: "read" },
    params: sets.SetParamsSchema,
    query: ExportQuerySchema,
    answers: exported,
  },
  setImport: {
    method: "POST",
    path: "/sets/:set/import",
    summary: "Take a part of an export into a set that holds nothing else",
    access: { kind: "scope", feature: "sets", action: "write" },
    params: sets.SetParamsSchema,
    query: ImportQuerySchema,
    body: { schema: SetImportSchema, ndjson: true },
    answers: imported,
  },
  itemsExport: {
    method: "GET",
    path: "/items/:tenant/export",
    summary: "A tenant's items as lines of JSON, each with when it was counted",
    access: { kind: "scope", feature: "items", action: "read" },
    params: counters.TenantParamsSchema,
    query: ExportQuerySchema,
    answers: exported,
  },
  itemsImport: {
    method: "POST",
    path: "/items/:tenant/import",
    summary: "Take a part of an export into a tenant that holds nothing else",
    access: { kind: "scope", feature: "items", action: "write" },
    params: counters.TenantParamsSchema,
    query: ImportQuerySchema,
    body: { schema: ItemImportSchema, ndjson: true },
    answers: imported,
  },
  streamExport: {
    method: "GET",
    path: "/streams/:stream/export",
    summary: "A stream as lines of JSON: follows, log, what waits, holes and dead letters",
    access: { kind: "scope", feature: "streams", action: "read" },
    params: StreamParamsSchema,
    query: ExportQuerySchema,
    answers: exported,
  },
  streamImport: {
    method: "POST",
    path: "/streams/:stream/import",
    summary: "Take a part of an export into a stream that holds nothing else",
    access: { kind: "scope", feature: "streams", action: "write" },
    params: StreamParamsSchema,
    query: ImportQuerySchema,
    body: { schema: StreamImportSchema, ndjson: true },
    answers: imported,
  },
  analyticsExport: {
    method: "GET",
    path: "/analytics/export",
    summary: "A site's slices as lines of JSON, with pseudonyms and salts of those that are not sealed",
    access: { kind: "admin" },
    query: SiteExportQuerySchema,
    answers: exported,
  },
  analyticsImport: {
    method: "POST",
    path: "/analytics/import",
    summary: "Take a part of an export into a site that holds nothing else",
    access: { kind: "admin" },
    query: SiteImportQuerySchema,
    body: { schema: SiteImportSchema, ndjson: true },
    answers: imported,
  },
  analyticsErase: {
    method: "DELETE",
    path: "/analytics",
    summary: "Erase a site: its slices, their pseudonyms and salts, and the catalogue of them",
    access: { kind: "scope", feature: "analytics", action: "write", nameInQuery: "site" },
    query: NamedSiteQuerySchema,
    answers: { 204: { description: "Everything is gone" } },
  },
} as const satisfies Readonly<Record<string, Endpoint>>;
