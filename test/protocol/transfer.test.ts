/** The lines of an import, as each schema takes them, and what may be asked of an export. */
import { describe, expect, test } from "vitest";
import { SHARDS_MAX } from "../../src/core/analytics/routing.ts";
import { ItemImportSchema } from "../../src/protocol/item-transfer.ts";
import { limits } from "../../src/protocol/limits.ts";
import { parse } from "../../src/protocol/parse.ts";
import { SiteImportSchema } from "../../src/protocol/site-transfer.ts";
import { StreamImportSchema } from "../../src/protocol/stream-transfer.ts";
import { ExportQuerySchema, ImportQuerySchema } from "../../src/protocol/transfer.ts";
import { accepts, refuses } from "./cases.ts";

const header = { weir: "export", version: 1, feature: "items", name: "a", id: "0123456789abcdef", count: 1 };
const streamHeader = { ...header, feature: "streams", cursor: 0 };
const siteHeader = {
  ...header,
  feature: "analytics",
  routing: { slice_ms: 3_600_000, first_slice: 0, rules: [{ from: 0, shards: 1 }] },
};

describe("the lines of an import", () => {
  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", ""])(
    "[X4] of a kind that is none, as %j, are taken for records",
    (weir) => {
      const record = { id: "a", at: 1 };
      accepts(ItemImportSchema, [header, { ...record, weir }], { header, records: [record], end: undefined });
    },
  );

  test.each(["users", "ids"])("have so many pseudonyms of %s and no more", (kind) => {
    const part = { slice: 0, slice_ms: 3_600_000, shards: 1, shard: 0, part: 0, salt: "00".repeat(32) };
    const lines = (count: number) => [siteHeader, { ...part, [kind]: "0123456789abcdef".repeat(2 * count) }];
    const max = limits.pseudonymsPerPartMax;
    expect(parse(SiteImportSchema, lines(max))).toMatchObject({ ok: true });
    refuses(SiteImportSchema, lines(max + 1), `[1].${kind}`, `must hold at most ${max} pseudonyms`);
  });

  test.each(["unique_users", "clicks", "impressions", "late"])(
    "have so many %s counted in a shard and no more",
    (kind) => {
      const counted = { unique_users: 0, clicks: 0, impressions: 0, late: 0, last_event_ms: 5, sealed_ms: 9 };
      const part = { slice: 0, slice_ms: 3_600_000, shards: 1, shard: 0, part: 0 };
      const lines = (count: number) => [siteHeader, { ...part, totals: { ...counted, [kind]: count } }];
      const max = limits.shardEventsMax;
      expect(parse(SiteImportSchema, lines(max))).toMatchObject({ ok: true });
      refuses(SiteImportSchema, lines(max + 1), `[1].totals.${kind}`, "is more than a shard can have counted");
      // Clicks and impressions of all shards, and as much again, are whole numbers still.
      expect(2 * SHARDS_MAX * 2 * max).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER + 1);
    },
  );

  test("have so much text that is a row and no more", () => {
    const lines = (units: number) => [streamHeader, { graph: "x".repeat(units) }];
    const max = limits.rowTextUnitsMax;
    expect(parse(StreamImportSchema, lines(max))).toMatchObject({ ok: true });
    refuses(StreamImportSchema, lines(max + 1), "[1].graph", `must have at most ${max} characters`);
  });
});

test("a cursor may be so long and no longer, and so many records may come before a part", () => {
  const cursor = "x".repeat(limits.exportCursorCharsMax);
  accepts(ExportQuerySchema, { cursor });
  refuses(ExportQuerySchema, { cursor: `${cursor}x` }, "cursor", "must be a cursor this server gave");
  const max = limits.exportRecordsMax;
  accepts(ImportQuerySchema, { from: String(max) }, { from: max });
  expect(parse(ImportQuerySchema, { from: String(max + 1) })).toMatchObject({
    problem: { errors: [{ path: "from" }] },
  });
});
