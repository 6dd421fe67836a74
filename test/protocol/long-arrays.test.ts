/** Arrays that are longer than they may be, and full of what is wrong: refused for their length, before anything is looked at. */
import { describe, expect, test } from "vitest";
import type * as v from "valibot";
import { RoutingSchema } from "../../src/protocol/analytics.ts";
import { limits } from "../../src/protocol/limits.ts";
import { GatewayMessageSchema } from "../../src/protocol/stream-frames.ts";
import { parse } from "../../src/protocol/parse.ts";
import { StreamImportSchema } from "../../src/protocol/stream-transfer.ts";
import { refuses } from "./cases.ts";

const routing = { slice_ms: 3_600_000, first_slice: 0 };
const rules = (_: unknown, index: number) => ({ from: index * 3_600_000, shards: 1 });
const header = { weir: "export", version: 1, feature: "streams", name: "a", id: "0123456789abcdef", cursor: 0 };
const letter = { id: 1, at: 1, reason: "malformed", line: "" };

type Row = readonly [
  string,
  v.GenericSchema,
  number,
  (made: readonly unknown[]) => unknown,
  (...at: [unknown, number]) => unknown,
  string,
  string,
];

const rows: readonly Row[] = [
  ["rules", RoutingSchema, limits.routingRulesMax, (made) => ({ ...routing, rules: made }), rules, "rules", "rules"],
  [
    "users that join",
    GatewayMessageSchema,
    limits.streamUsersMax,
    (users) => ({ type: "join", users }),
    (_, id) => ({ id, user: "a" }),
    "users",
    "users",
  ],
  [
    "ids that leave",
    GatewayMessageSchema,
    limits.streamUsersMax,
    (ids) => ({ type: "leave", ids }),
    (_, id) => id,
    "ids",
    "ids",
  ],
  [
    "numbers of holes",
    StreamImportSchema,
    limits.numbersPerLineMax,
    (gaps) => [header, { gaps }],
    (_, at) => at,
    "[1].gaps",
    "numbers",
  ],
  [
    "dead letters",
    StreamImportSchema,
    limits.batchEntriesMax,
    (letters) => [header, { dead_letters: letters }],
    () => letter,
    "[1].dead_letters",
    "entries",
  ],
];

describe.each(rows)("%s", (_, schema, max, body, entry, path, things) => {
  test("[R3] are as many as may be", () => {
    expect(parse(schema, body(Array.from({ length: max }, entry)))).toMatchObject({ ok: true });
  });

  test("[R3] are refused unseen when there is one more", () => {
    let looks = 0;
    const wrong = new Proxy({}, { get: () => (looks += 1), has: () => ((looks += 1), false) });
    const many = Array.from({ length: max + 1 }, () => wrong);
    refuses(schema, body(many), path, `must hold at most ${max} ${things}`, "payload_too_large");
    expect(looks).toBe(0);
  });
});
