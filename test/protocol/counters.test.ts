/** Bodies of the routes of counters. */
import { describe, expect, test } from "vitest";
import { ItemsBodySchema, ItemsQuerySchema } from "../../src/protocol/counters.ts";
import { parse } from "../../src/protocol/parse.ts";
import { accepts, refuses } from "./cases.ts";

const item = { id: "a", tenant: "t" };

describe("items", () => {
  test("[R3] an array of at most 10,000", () => {
    const most = Array.from({ length: 10_000 }, () => item);
    accepts(ItemsBodySchema, []);
    accepts(ItemsBodySchema, most);
    const message = "must hold at most 10000 entries";
    refuses(ItemsBodySchema, [...most, item], "body", message, "payload_too_large");
  });

  test("[R3] too many wrong ones are refused for their number, unseen", () => {
    let looks = 0;
    const wrong = new Proxy({}, { get: () => (looks += 1), has: () => ((looks += 1), false) });
    const items = Array.from({ length: 10_001 }, () => wrong);
    refuses(ItemsBodySchema, items, "body", "must hold at most 10000 entries", "payload_too_large");
    expect(looks).toBe(0);
  });

  test("[R4] one item stands for itself, and unknown keys are not looked at", () => {
    accepts(ItemsBodySchema, item, [item]);
    accepts(ItemsBodySchema, { ...item, price: 3 }, [item]);
    accepts(ItemsBodySchema, [{ ...item, price: 3 }], [item]);
  });

  test("[R1] [R4] a refusal names the field and the index", () => {
    const at = (index: number, entry: unknown) => [...Array.from({ length: index }, () => item), entry];
    refuses(ItemsBodySchema, at(3, { ...item, id: "" }), "[3].id", "must not be empty");
    refuses(ItemsBodySchema, at(9_999, { id: "a" }), "[9999].tenant", "is missing");
    refuses(ItemsBodySchema, at(0, { tenant: "t" }), "[0].id", "is missing");
    for (const id of [1, null, true, {}, ["a"]]) {
      refuses(ItemsBodySchema, at(1, { ...item, id }), "[1].id", "must be a string");
      refuses(ItemsBodySchema, at(1, { id: "a", tenant: id }), "[1].tenant", "must be a string");
    }
    refuses(ItemsBodySchema, at(1, { ...item, tenant: "" }), "[1].tenant", "must not be empty");
    refuses(ItemsBodySchema, at(1, { ...item, tenant: "\u007f" }), "[1].tenant", "must not contain control characters");
    refuses(ItemsBodySchema, at(1, { ...item, id: "\0" }), "[1].id", "must not contain NUL");
    const surrogate = "must be well-formed Unicode, without lone surrogates";
    refuses(ItemsBodySchema, at(1, { ...item, id: "\ud800" }), "[1].id", surrogate);
    for (const entry of [null, "a", 1]) refuses(ItemsBodySchema, at(2, entry), "[2]", "must be an object");
    for (const body of [null, "a", 1, true]) refuses(ItemsBodySchema, body, "body", "must be an object");
    refuses(ItemsBodySchema, { id: "a" }, "tenant", "is missing");
  });

  test("[R4] arrays within the array are no items", () => {
    const result = parse(ItemsBodySchema, [item, [item]]);
    expect(result.ok ? [] : result.problem.errors?.map(({ path }) => path)).toEqual(["[1].id", "[1].tenant"]);
  });

  test("[R1] an id has at most 1,024 bytes, a tenant's name 256", () => {
    for (const id of ["x".repeat(1_024), "\uffff".repeat(341)]) accepts(ItemsBodySchema, [{ ...item, id }]);
    for (const id of ["x".repeat(1_025), "\uffff".repeat(342)]) {
      refuses(ItemsBodySchema, [{ ...item, id }], "[0].id", "must be at most 1024 bytes of UTF-8");
    }
    accepts(ItemsBodySchema, [{ ...item, tenant: "x".repeat(256) }]);
    refuses(
      ItemsBodySchema,
      [{ ...item, tenant: "x".repeat(257) }],
      "[0].tenant",
      "must be at most 256 bytes of UTF-8",
    );
  });

  test("[R4] verdicts are asked for with true, and nothing like it", () => {
    for (const verdicts of ["true", "false"]) accepts(ItemsQuerySchema, { verdicts });
    for (const verdicts of ["", "1", "TRUE", "yes"]) {
      refuses(ItemsQuerySchema, { verdicts }, "verdicts", 'must be "true" or "false"');
    }
  });
});
