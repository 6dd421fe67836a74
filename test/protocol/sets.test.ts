/** Bodies of the routes of sets. */
import { describe, expect, test } from "vitest";
import { DEFAULT_SET_OPTIONS } from "../../src/core/sets/lww-set.ts";
import { limits } from "../../src/protocol/limits.ts";
import { parse } from "../../src/protocol/parse.ts";
import { OpsBodySchema, SetOptionsSchema } from "../../src/protocol/sets.ts";
import { accepts, refuses } from "./cases.ts";

const op = { op: "add", element: "a", timestamp: 1 };

describe("ops", () => {
  test("[R3] at most 10,000", () => {
    expect(limits.batchEntriesMax).toBe(10_000);
    const most = Array.from({ length: 10_000 }, () => op);
    accepts(OpsBodySchema, { ops: [] });
    accepts(OpsBodySchema, { ops: most });
    const message = "must hold at most 10000 entries";
    refuses(OpsBodySchema, { ops: [...most, op] }, "ops", message, "payload_too_large");
  });

  test("[R3] too many wrong ones are refused for their number, unseen", () => {
    let looks = 0;
    const wrong = new Proxy({}, { get: () => (looks += 1), has: () => ((looks += 1), false) });
    const ops = Array.from({ length: 10_001 }, () => wrong);
    refuses(OpsBodySchema, { ops }, "ops", "must hold at most 10000 entries", "payload_too_large");
    expect(looks).toBe(0);
  });

  test("[R4] a refusal names the field and the index", () => {
    const at = (index: number, entry: unknown) => ({ ops: [...Array.from({ length: index }, () => op), entry] });
    refuses(OpsBodySchema, at(3, { ...op, timestamp: "1" }), "ops[3].timestamp", "must be a number of milliseconds");
    refuses(OpsBodySchema, at(0, { ...op, timestamp: -1 }), "ops[0].timestamp", "must not be negative");
    refuses(OpsBodySchema, at(9_999, { ...op, timestamp: 0.5 }), "ops[9999].timestamp", "must be an integer");
    refuses(OpsBodySchema, at(1, { ...op, timestamp: null }), "ops[1].timestamp", "must be a number of milliseconds");
    refuses(OpsBodySchema, at(2, { ...op, element: "" }), "ops[2].element", "must not be empty");
    refuses(OpsBodySchema, at(2, { ...op, element: 42 }), "ops[2].element", "must be a string");
    refuses(OpsBodySchema, at(2, { ...op, op: "Add" }), "ops[2].op", 'must be "add" or "remove"');
    refuses(OpsBodySchema, at(2, { element: "a" }), "ops[2].op", "is missing");
    refuses(OpsBodySchema, at(2, { op: "add" }), "ops[2].element", "is missing");
    refuses(OpsBodySchema, at(2, null), "ops[2]", "must be an object");
    refuses(OpsBodySchema, at(2, "add"), "ops[2]", "must be an object");
  });

  test("[R4] a refusal names what is wrong around the ops", () => {
    refuses(OpsBodySchema, {}, "ops", "is missing");
    for (const ops of [null, {}, "[]", 1]) refuses(OpsBodySchema, { ops }, "ops", "must be an array");
    for (const body of [null, "ops", 1, true]) refuses(OpsBodySchema, body, "body", "must be an object");
    expect(parse(OpsBodySchema, [op]).ok).toBe(false);
  });

  test("[R4] a refusal lists 20 faults and counts the others", () => {
    const result = parse(OpsBodySchema, { ops: Array.from({ length: 10_000 }, () => ({ ...op, element: "" })) });
    expect(result).toMatchObject({
      ok: false,
      problem: { detail: "ops[0].element: must not be empty (and 9999 more)." },
    });
    expect(result.ok ? [] : result.problem.errors).toHaveLength(20);
  });

  test("[R2] a timestamp may be left out", () => {
    accepts(OpsBodySchema, { ops: [{ op: "remove", element: "a" }] });
  });
});

describe("set options", () => {
  const all = { bias: "remove", max_skew_ms: 0, tombstone_retention_ms: 0 };

  test("[S12] are optional, with the defaults of a set that its first operation creates", () => {
    const { bias, maxSkewMs, tombstoneRetentionMs } = DEFAULT_SET_OPTIONS;
    const defaults = { bias, max_skew_ms: maxSkewMs, tombstone_retention_ms: tombstoneRetentionMs };
    accepts(SetOptionsSchema, {}, defaults);
    accepts(SetOptionsSchema, { bias: "remove" }, { ...defaults, bias: "remove" });
    accepts(SetOptionsSchema, all);
    accepts(SetOptionsSchema, { ...all, max_skew_ms: 8.64e15, tombstone_retention_ms: 8.64e15 });
    accepts(SetOptionsSchema, { ...all, tombstone_retention_ms: null });
  });

  test("[R4] a misspelt one is refused, as it would stay for the set's life", () => {
    refuses(SetOptionsSchema, { ...all, max_skew: 1 }, "max_skew", "is not known");
    refuses(SetOptionsSchema, { ...all, maxSkewMs: 1 }, "maxSkewMs", "is not known");
  });

  test("[R4] a wrong one is named", () => {
    refuses(SetOptionsSchema, { ...all, bias: "both" }, "bias", 'must be "add" or "remove"');
    refuses(SetOptionsSchema, { ...all, bias: null }, "bias", 'must be "add" or "remove"');
    for (const key of ["max_skew_ms", "tombstone_retention_ms"]) {
      refuses(SetOptionsSchema, { ...all, [key]: -1 }, key, "must not be negative");
      refuses(SetOptionsSchema, { ...all, [key]: 1.5 }, key, "must be an integer");
      refuses(SetOptionsSchema, { ...all, [key]: 8.64e15 + 1 }, key, "must be at most 8640000000000000");
      refuses(SetOptionsSchema, { ...all, [key]: "1" }, key, "must be a number of milliseconds");
    }
    refuses(SetOptionsSchema, { ...all, max_skew_ms: null }, "max_skew_ms", "must be a number of milliseconds");
  });
});
