/** The calls by which each feature's things are exported and imported. */
import type { WeirClient } from "../../client/index.ts";
import { limits } from "../../protocol/limits.ts";
import { parse } from "../../protocol/parse.ts";
import { SiteSchema } from "../../protocol/names.ts";
import type { Site } from "../../protocol/names.ts";
import { EXPORTED_FEATURES } from "../../protocol/transfer.ts";
import type { ExportedFeature, ImportAnswer } from "../../protocol/transfer.ts";
import { ArgumentError } from "../arguments.ts";

interface TransferCalls {
  /** The lines after `cursor`, or all. */
  readonly exportLines: (client: WeirClient, name: string, cursor: string | undefined) => AsyncIterable<Uint8Array>;
  /** Sends the header and the records that come after the first `from`, as lines. */
  readonly importPart: (client: WeirClient, name: string, from: number, lines: Lines) => Promise<ImportAnswer>;
  /** Lines that one part may have, beside the header and the end. */
  readonly partLinesMax: number;
}

const PART_LINES_MAX = 5_000;

export type Lines = Uint8Array<ArrayBuffer>;

export const transferCalls: Readonly<Record<ExportedFeature, TransferCalls>> = {
  sets: {
    exportLines: (client, set, cursor) => client.download("setExport", { params: { set }, query: { cursor } }),
    importPart: (client, set, from, lines) => client.call("setImport", { params: { set }, query: { from }, lines }),
    partLinesMax: PART_LINES_MAX,
  },
  items: {
    exportLines: (client, tenant, cursor) => client.download("itemsExport", { params: { tenant }, query: { cursor } }),
    importPart: (client, tenant, from, lines) =>
      client.call("itemsImport", { params: { tenant }, query: { from }, lines }),
    partLinesMax: PART_LINES_MAX,
  },
  analytics: {
    exportLines: (client, site, cursor) =>
      client.download("analyticsExport", { params: {}, query: { site: toSite(site), cursor } }),
    importPart: (client, site, from, lines) =>
      client.call("analyticsImport", { params: {}, query: { site: toSite(site), from }, lines }),
    partLinesMax: limits.siteImportRecordsMax,
  },
  streams: {
    exportLines: (client, stream, cursor) => client.download("streamExport", { params: { stream }, query: { cursor } }),
    importPart: (client, stream, from, lines) =>
      client.call("streamImport", { params: { stream }, query: { from }, lines }),
    partLinesMax: PART_LINES_MAX,
  },
};

export function parseFeature(text: string): ExportedFeature {
  const feature = EXPORTED_FEATURES.find((name) => name === text);
  if (feature !== undefined) return feature;
  throw new ArgumentError(`There is no feature ${JSON.stringify(text)}: it must be ${EXPORTED_FEATURES.join(", ")}.`);
}

function toSite(text: string): Site {
  const site = parse(SiteSchema, text, "site");
  if (!site.ok) throw new ArgumentError(site.problem.detail);
  return site.value;
}
