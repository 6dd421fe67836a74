/** The element-set protocol's values, seconds and batches. */
import { describe, expect, test } from "vitest";
import {
  ElementSetBulkSchema,
  ElementSetContainsQuerySchema,
  ElementSetFetchQuerySchema,
  ElementSetOpSchema,
  parseElementSetJson,
} from "../../src/protocol/element-set.ts";
import { parseJson } from "../../src/protocol/parse-json.ts";
import { accepts, refuses } from "./cases.ts";

const SECONDS_MAX = 8.64e12;

describe("element-set operations", () => {
  test("[R6] a value is its string form", () => {
    const values = [
      ["a", "a"],
      ["42", "42"],
      [42, "42"],
      [-0, "0"],
      [1.5, "1.5"],
      [1e21, "1e+21"],
      [true, "true"],
    ] as const;
    for (const [value, element] of [...values, [false, "false"], [null, "null"]] as const) {
      accepts(ElementSetOpSchema, { value, timestamp: 1 }, { value: element, timestamp: 1 });
    }
  });

  test("[R6] a number is what was written, and only as value", () => {
    const read = parseElementSetJson('{"value":9007199254740993,"timestamp":1e3,"other":1.0}');
    expect(read).toEqual({ value: "9007199254740993", timestamp: 1000, other: 1 });
    for (const number of ["-12345678901234567890", "1.0", "-0", "1E+5", "1e400", "0.10"]) {
      expect(parseElementSetJson(`{ "value" :\n\t${number}, "timestamp": 1 }`)).toEqual({
        value: number,
        timestamp: 1,
      });
    }
    for (const value of ['"1.0"', "true", "null", "[1.0]"]) {
      expect(parseElementSetJson(`{"value":${value}}`)).toEqual(JSON.parse(`{"value":${value}}`));
    }
    for (const text of ['{"value":01}', '{"value":1.}', '{"value":--1}', "", "1.0", "[1.0]"]) {
      expect(parseElementSetJson(text)).toEqual(parseJson(text));
    }
  });

  test("[R6] what looks like the value in other places is not taken for it", () => {
    const texts = ['"value":8.00', 'x"value', "value", "\\", '\\"value"'].map((text) => JSON.stringify(text));
    for (const other of [...texts, '{"value":7.0}']) {
      expect(parseElementSetJson(`{"a":${other},"value":8.0,"b":${other}}`)).toMatchObject({ value: "8.0" });
    }
    for (const key of texts.filter((text) => text !== '"value"')) {
      expect(parseElementSetJson(`{"value":8.0,${key}:8.00}`)).toMatchObject({ value: "8.0" });
    }
    expect(parseElementSetJson('{"value":1,"value":2.0}')).toEqual({ value: "2.0" });
    expect(parseElementSetJson('{"v\\u0061lue":9007199254740993}')).toEqual({ value: 9007199254740992 });
  });

  test("[R6] [R4] a value is a scalar with a form", () => {
    for (const value of [{}, [], ["a"], { value: 1 }]) {
      refuses(ElementSetOpSchema, { value, timestamp: 1 }, "value", "must be a JSON scalar");
    }
    refuses(ElementSetOpSchema, { value: "", timestamp: 1 }, "value", "must not be empty");
    refuses(ElementSetOpSchema, { value: "a\0", timestamp: 1 }, "value", "must not contain NUL");
    const longest = "a".repeat(1_024);
    accepts(ElementSetOpSchema, { value: longest, timestamp: 1 });
    refuses(ElementSetOpSchema, { value: `${longest}a`, timestamp: 1 }, "value", "must be at most 1024 bytes of UTF-8");
  });

  test("[R6] [R2] a timestamp is whole seconds up to the last date", () => {
    for (const timestamp of [0, 1, SECONDS_MAX]) accepts(ElementSetOpSchema, { value: "a", timestamp });
    const seconds = "must be a number of seconds";
    const wrong = [
      [-1, "must not be negative"],
      [1.5, "must be an integer"],
      [SECONDS_MAX + 1, "must be at most 8640000000000"],
      [1e300, "must be at most 8640000000000"],
      ["1", seconds],
      [null, seconds],
      [true, seconds],
    ] as const;
    for (const [timestamp, message] of wrong) {
      refuses(ElementSetOpSchema, { value: "a", timestamp }, "timestamp", message);
    }
  });

  test("[R4] what is missing is named", () => {
    refuses(ElementSetOpSchema, { value: "a" }, "timestamp", "is missing");
    refuses(ElementSetOpSchema, { timestamp: 1 }, "value", "is missing");
    refuses(ElementSetOpSchema, null, "body", "must be an object");
  });
});

describe("element-set batches", () => {
  const entry = { operation: "add", data: '{"value":42,"timestamp":7}' };
  const read = { operation: "add", data: { value: "42", timestamp: 7 } };

  test("[R6] hold JSON in strings, and any operation", () => {
    accepts(ElementSetBulkSchema, []);
    accepts(ElementSetBulkSchema, [entry], [read]);
    for (const operation of ["remove", "", "ADD", "delete"]) {
      accepts(ElementSetBulkSchema, [{ ...entry, operation }], [{ ...read, operation }]);
    }
  });

  test("[R3] at most 10,000", () => {
    const most = Array.from({ length: 10_000 }, () => entry);
    accepts(
      ElementSetBulkSchema,
      most,
      Array.from({ length: 10_000 }, () => read),
    );
    const message = "must hold at most 10000 entries";
    refuses(ElementSetBulkSchema, [...most, entry], "body", message, "payload_too_large");
  });

  test("[R4] a refusal names the index", () => {
    const after = (wrong: unknown) => [entry, entry, wrong];
    for (const data of ["", "{", "{'value':1}", "undefined", '{"value":1,}']) {
      refuses(ElementSetBulkSchema, after({ ...entry, data }), "[2].data", "must be a string of JSON");
    }
    for (const data of [null, 1, { value: 1, timestamp: 1 }]) {
      refuses(ElementSetBulkSchema, after({ ...entry, data }), "[2].data", "must be a string of JSON");
    }
    refuses(ElementSetBulkSchema, after({ ...entry, data: '{"value":1}' }), "[2].data", "timestamp: is missing");
    refuses(ElementSetBulkSchema, after({ ...entry, data: "[]" }), "[2].data", "value: is missing (and 1 more)");
    refuses(
      ElementSetBulkSchema,
      after({ ...entry, data: '{"value":1,"timestamp":"7"}' }),
      "[2].data",
      "timestamp: must be a number of seconds",
    );
    refuses(ElementSetBulkSchema, after({ ...entry, operation: 1 }), "[2].operation", "must be a string");
    refuses(ElementSetBulkSchema, after({ data: entry.data }), "[2].operation", "is missing");
    refuses(ElementSetBulkSchema, after(null), "[2]", "must be an object");
    for (const body of [null, {}, "[]"]) refuses(ElementSetBulkSchema, body, "body", "must be an array");
  });
});

describe("element-set queries", () => {
  test("[R6] ask for a string form and a number of records", () => {
    accepts(ElementSetContainsQuerySchema, { value: "42" });
    refuses(ElementSetContainsQuerySchema, {}, "value", "is missing");
    accepts(ElementSetFetchQuerySchema, {});
    accepts(ElementSetFetchQuerySchema, { offset: "0" }, { offset: 0 });
    const message = `must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`;
    for (const offset of ["-1", "01", "1e3", "", "9007199254740992"]) {
      refuses(ElementSetFetchQuerySchema, { offset }, "offset", message);
    }
    expect.hasAssertions();
  });
});
