/** The calls by which each feature's things are exported and imported. */
import type { WeirClient } from "../../client/index.ts";
import type { BodyInputOf } from "../../protocol/endpoints.ts";
import { parse } from "../../protocol/parse.ts";
import { SiteSchema } from "../../protocol/names.ts";
import type { Site } from "../../protocol/names.ts";
import { EXPORTED_FEATURES } from "../../protocol/transfer.ts";
import type { ExportedFeature, ExportPage, ImportAnswer } from "../../protocol/transfer.ts";
import { ArgumentError } from "../arguments.ts";

interface TransferCalls {
  /** The page at `cursor`, or the first. */
  readonly exportPage: (client: WeirClient, name: string, cursor: string | undefined) => Promise<ExportPage>;
  /** Sends the header and the records that come after the first `from`. */
  readonly importPart: (
    client: WeirClient,
    name: string,
    from: number,
    lines: readonly unknown[],
  ) => Promise<ImportAnswer>;
}

export const transferCalls: Readonly<Record<ExportedFeature, TransferCalls>> = {
  sets: {
    exportPage: (client, set, cursor) => client.call("setExport", { params: { set }, query: { cursor } }),
    importPart: (client, set, from, lines) =>
      client.call("setImport", { params: { set }, query: { from }, body: lines as BodyInputOf<"setImport"> }),
  },
  items: {
    exportPage: (client, tenant, cursor) => client.call("itemsExport", { params: { tenant }, query: { cursor } }),
    importPart: (client, tenant, from, lines) =>
      client.call("itemsImport", { params: { tenant }, query: { from }, body: lines as BodyInputOf<"itemsImport"> }),
  },
  analytics: {
    exportPage: (client, site, cursor) =>
      client.call("analyticsExport", { params: {}, query: { site: toSite(site), cursor } }),
    importPart: (client, site, from, lines) =>
      client.call("analyticsImport", {
        params: {},
        query: { site: toSite(site), from },
        body: lines as BodyInputOf<"analyticsImport">,
      }),
  },
  streams: {
    exportPage: (client, stream, cursor) => client.call("streamExport", { params: { stream }, query: { cursor } }),
    importPart: (client, stream, from, lines) =>
      client.call("streamImport", { params: { stream }, query: { from }, body: lines as BodyInputOf<"streamImport"> }),
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
