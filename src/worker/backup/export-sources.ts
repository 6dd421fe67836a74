/** The export of any thing, by its feature and name. */
import { parse } from "../../protocol/parse.ts";
import { StreamIdSchema, TenantSchema } from "../../protocol/names.ts";
import type { Result } from "../../protocol/problem.ts";
import type { ExportedFeature, ExportPage } from "../../protocol/transfer.ts";
import { siteExport } from "../analytics/site-export.ts";
import { itemExport } from "../counters/item-export.ts";
import type { Env } from "../env.ts";
import { setExport } from "../sets/set-export.ts";
import { exportPage } from "../transfer/export-lines.ts";
import { streamExport } from "../streams/stream-export.ts";
import type { Thing } from "./inventory-store.ts";

type ReadPage = (env: Env, name: string, cursor: string | undefined) => Promise<Result<ExportPage>>;

const pages: Readonly<Record<ExportedFeature, ReadPage>> = {
  sets: (env, name, cursor) => exportPage(setExport(env, name), cursor),
  items: async (env, name, cursor) => {
    const tenant = parse(TenantSchema, name, "name");
    return tenant.ok ? exportPage(itemExport(env, tenant.value), cursor) : tenant;
  },
  analytics: (env, name, cursor) => exportPage(siteExport(env, name), cursor),
  streams: async (env, name, cursor) => {
    const stream = parse(StreamIdSchema, name, "name");
    return stream.ok ? exportPage(streamExport(env, stream.value), cursor) : stream;
  },
};

export function exportPageOf(
  env: Env,
  { feature, name }: Thing,
  cursor: string | undefined,
): Promise<Result<ExportPage>> {
  return pages[feature](env, name, cursor);
}
