/** Names, elements, timestamps, offsets and query integers, at their limits and one past them. */
import type * as v from "valibot";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/protocol/limits.ts";
import { LiveQuerySchema } from "../../src/protocol/live.ts";
import { ElementSchema, OffsetTextSchema, queryInteger, TimestampMsSchema } from "../../src/protocol/names.ts";
import { parse } from "../../src/protocol/parse.ts";
import {
  ChangesQuerySchema,
  ElementsQuerySchema,
  SetElementParamsSchema,
  SetParamsSchema,
  StampQuerySchema,
} from "../../src/protocol/sets.ts";
import { DELICATE_ELEMENTS } from "../core/sets/set-store-contract.ts";
import { accepts, refuses } from "./cases.ts";

const NOT_A_STRING = [undefined, null, 1, true, {}, [], ["a"]];
const LONE_SURROGATES = ["\ud800", "\udc00", "a\ud83d", "\ude00a", "\udc00\ud800", "\ud800\ud800\udc00"];

function set(name: unknown) {
  return { set: name };
}

function boundedQuery(schema: v.GenericSchema, key: string, min: number, max: number): void {
  accepts(schema, {});
  for (const value of [min, max]) accepts(schema, { [key]: String(value) }, { [key]: value });
  for (const value of [min - 1, max + 1]) {
    refuses(schema, { [key]: String(value) }, key, `must be an integer from ${min} to ${max}`);
  }
}

describe("names", () => {
  test("[R1] are 1 to 256 bytes, whatever their script", () => {
    expect(limits.nameBytesMax).toBe(256);
    for (const longest of ["a".repeat(256), "\u00e9".repeat(128), "\u{1f600}".repeat(64), `${"\u20ac".repeat(85)}a`]) {
      accepts(SetParamsSchema, set(longest));
      refuses(SetParamsSchema, set(`${longest}a`), "set", "must be at most 256 bytes of UTF-8");
    }
    // 129 characters are 258 bytes.
    refuses(SetParamsSchema, set("\u00e9".repeat(129)), "set", "must be at most 256 bytes of UTF-8");
    accepts(SetParamsSchema, set("a"));
    refuses(SetParamsSchema, set(""), "set", "must not be empty");
  });

  test("[R1] have no control characters", () => {
    const controls = [...Array.from({ length: 32 }, (_, code) => code), 0x7f, 0x80, 0x85, 0x9f];
    for (const code of controls) {
      refuses(SetParamsSchema, set(`a${String.fromCharCode(code)}b`), "set", "must not contain control characters");
    }
    for (const text of [" ", "\u00a0", "/", "a/b", "%00", "..", ":", "\u2028", "\u200d", "\ufeff", "~"]) {
      accepts(SetParamsSchema, set(text));
    }
  });

  test.each(LONE_SURROGATES)("[C5] %j has no bytes", (text) => {
    refuses(SetParamsSchema, set(text), "set", "must be well-formed Unicode, without lone surrogates");
    refuses(ElementSchema, text, "body", "must be well-formed Unicode, without lone surrogates");
  });

  test("[R4] are strings, and there", () => {
    for (const value of NOT_A_STRING.slice(1)) refuses(SetParamsSchema, set(value), "set", "must be a string");
    refuses(SetParamsSchema, {}, "set", "is missing");
  });
});

describe("elements", () => {
  test("[R1] are 1 to 1,024 bytes, whatever their script", () => {
    expect(limits.elementBytesMax).toBe(1_024);
    for (const longest of [
      "a".repeat(1_024),
      "\u00e9".repeat(512),
      "\u{1f600}".repeat(256),
      `${"\u20ac".repeat(341)}a`,
    ]) {
      accepts(ElementSchema, longest);
      refuses(ElementSchema, `${longest}a`, "body", "must be at most 1024 bytes of UTF-8");
      const params = { set: "s", element: `${longest}a` };
      refuses(SetElementParamsSchema, params, "element", "must be at most 1024 bytes of UTF-8");
    }
    refuses(ElementSchema, "", "body", "must not be empty");
  });

  test("[R1] may be anything but NUL", () => {
    refuses(ElementSchema, "\0", "body", "must not contain NUL");
    refuses(ElementSchema, "a\0", "body", "must not contain NUL");
    accepts(ElementSchema, "\u0001\u001f\u007f");
  });

  test("[C5] come out as they went in", () => {
    expect(new Set(DELICATE_ELEMENTS).size).toBe(DELICATE_ELEMENTS.length);
    for (const element of DELICATE_ELEMENTS) accepts(ElementSchema, element);
  });
});

describe("timestamps", () => {
  test("[R2] are whole numbers from 0 to the last date", () => {
    for (const timestamp of [0, 1, 1_700_000_000_000, 8.64e15 - 1, 8.64e15]) accepts(TimestampMsSchema, timestamp);
    expect(new Date(limits.timestampMsMax).getTime()).toBe(limits.timestampMsMax);
    expect(new Date(limits.timestampMsMax + 1).getTime()).toBeNaN();
  });

  test.each([
    [-1, "must not be negative"],
    [-8.64e15, "must not be negative"],
    [8.64e15 + 1, "must be at most 8640000000000000"],
    [2 ** 53, "must be at most 8640000000000000"],
    [1e300, "must be at most 8640000000000000"],
    [1.5, "must be an integer"],
    [0.1, "must be an integer"],
    [1_700_000_000_000.5, "must be an integer"],
    [Infinity, "must be an integer"],
    [Number.NaN, "must be a number of milliseconds"],
    ["1", "must be a number of milliseconds"],
    ["", "must be a number of milliseconds"],
    ["NaN", "must be a number of milliseconds"],
    [null, "must be a number of milliseconds"],
    [true, "must be a number of milliseconds"],
    [[1], "must be a number of milliseconds"],
    [{}, "must be a number of milliseconds"],
    [1n, "must be a number of milliseconds"],
  ])("[R2] %s is none", (value, message) => {
    refuses(TimestampMsSchema, value, "body", message);
  });
});

describe("queries", () => {
  test("[R2] an integer is plain decimal digits within its bounds", () => {
    const schema = queryInteger(5, 50, "what for");
    for (const text of ["5", "6", "49", "50"]) accepts(schema, text, Number(text));
    const others = [
      "4",
      "51",
      "",
      " 5",
      "5 ",
      "+5",
      "-5",
      "05",
      "5.0",
      "5e0",
      "1e1",
      "0x10",
      "\u0665",
      "5\n",
      "9".repeat(400),
    ];
    for (const text of [...others, "NaN", "Infinity", "null", null, 5, ["5"], ["5", "6"]]) {
      refuses(schema, text, "body", "must be an integer from 5 to 50");
    }
  });

  test("[R2] [R4] each names the field", () => {
    boundedQuery(StampQuerySchema, "timestamp", 0, 8.64e15);
    boundedQuery(ElementsQuerySchema, "limit", 1, 10_000);
    boundedQuery(ChangesQuerySchema, "limit", 1, 10_000);
    boundedQuery(ChangesQuerySchema, "wait", 0, 60_000);
  });

  test("[C1] an offset is one that the parser reads", () => {
    for (const offset of ["0:0", "abc:0", `e:${Number.MAX_SAFE_INTEGER}`]) {
      accepts(OffsetTextSchema, offset);
      accepts(LiveQuerySchema, { since: offset });
    }
    for (const text of ["", "1", "e:01", "e:9007199254740992", "E:1", "e:1:2", `${"e".repeat(33)}:1`]) {
      refuses(ChangesQuerySchema, { since: text }, "since", "must be an offset this server gave");
      refuses(LiveQuerySchema, { since: text }, "since", "must be an offset this server gave");
    }
  });

  test("[C5] a cursor is an element", () => {
    accepts(ElementsQuerySchema, { cursor: "\u{1f600}" });
    expect(parse(ElementsQuerySchema, { cursor: "\0" }).ok).toBe(false);
  });
});
