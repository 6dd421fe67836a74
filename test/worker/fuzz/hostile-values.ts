/** What nobody should send: values that are wrong nearly everywhere, and what is done to ones that are right. */
import * as fc from "fast-check";
import { limits } from "../../../src/protocol/limits.ts";

/** Stands for arrays in arrays, deeper than what makes JSON can go. */
const DEEP = "<deep>";
const DEEP_JSON = "[".repeat(100_000) + "]".repeat(100_000);

export function toJson(value: unknown): string {
  return (JSON.stringify(value) ?? "").replaceAll(JSON.stringify(DEEP), DEEP_JSON);
}

const HOSTILE_TEXTS = [
  "",
  " ",
  "\0",
  "\n",
  "\u007f",
  "\u0085",
  "a\ud800b",
  "\udc00",
  "\ufeff",
  "\uffff",
  "\u202ea",
  "..",
  "null",
  "NaN",
  "-1",
  "1e3",
  "0x10",
  "01",
  "1.5",
  "8640000000000001",
  "9007199254740992",
  "1".repeat(400),
  "__proto__",
  "constructor",
  "toString",
  "n".repeat(limits.nameBytesMax + 1),
  "e".repeat(limits.elementBytesMax + 1),
  "é".repeat(limits.nameBytesMax / 2 + 1),
  "' OR 1=1 --",
  "%00",
  "a:b:c",
];

const hostileText = fc.constantFrom(...HOSTILE_TEXTS);

const hostileNumber = fc.constantFrom(
  -1,
  -0,
  0.5,
  1e-300,
  limits.timestampMsMax,
  limits.timestampMsMax + 1,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  Number.MIN_SAFE_INTEGER,
  Number.MAX_VALUE,
  2 ** 31,
  2 ** 32,
  2 ** 63,
);

/** A value as JSON gives them, `__proto__` as a key of its own included. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom(null, true, false, [], {}, [[]], [null], { a: {} }, undefined),
  fc.constant(DEEP),
  fc.constant(JSON.parse('{"__proto__":{"op":"add"},"constructor":1,"toString":null,"length":3}') as unknown),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
);

/** A value with one of its parts replaced, left out, doubled, or joined by one that is too many. */
export function mutated(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(values, fc.nat(), hostileValue, fc.nat(4)).map(([value, at, hostile, how]) => {
    const places = placesOf(value);
    const place = places[at % places.length];
    return place === undefined ? hostile : replaced(value, place, hostile, how);
  });
}

type Place = readonly (string | number)[];

/** Paths of all parts, at most so deep as anything here is meant to be. */
function placesOf(value: unknown, path: Place = []): readonly Place[] {
  if (typeof value !== "object" || value === null || path.length > 5) return [path];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return [path, ...keys.flatMap((key) => placesOf((value as Readonly<Record<string, unknown>>)[key], [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: Place, hostile: unknown, how: number): unknown {
  if (key === undefined) return how === 0 && typeof value === "string" ? value + String(hostile) : hostile;
  if (Array.isArray(value)) {
    const copy: unknown[] = [...(value as readonly unknown[])];
    if (rest.length > 0 || how > 2) copy[Number(key)] = replaced(copy[Number(key)], rest, hostile, how);
    else if (how === 1) copy.splice(Number(key), 1);
    else copy.push(copy[Number(key)], hostile);
    return copy;
  }
  const copy: Record<string, unknown> = { ...(value as Readonly<Record<string, unknown>>) };
  if (rest.length > 0 || how > 1) copy[key] = replaced(copy[key], rest, hostile, how);
  else if (how === 1) delete copy[key];
  else copy[`${key}x`] = hostile;
  return copy;
}

/** A text with a piece cut out, doubled, or replaced by characters that break what it is written in. */
export function broken(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const pieces = fc.constantFrom("", "\0", "}", '"', "[", ",", "\\u", "\n", "\r\n", "|", "\ud800", "%", "%ff", "1e999");
  return fc.tuple(texts, fc.nat(), fc.nat(8), pieces).map(([text, at, length, piece]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + piece + text.slice(start + length);
  });
}

/** What stands for a text in an address: encoded, twice, hardly, or so that no text is meant. */
export function addressed(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed());
  return fc.oneof(
    { weight: 6, arbitrary: texts.map(encode) },
    { weight: 2, arbitrary: hostileText.map(encode) },
    { weight: 1, arbitrary: texts.map((text) => encode(encode(text))) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("%", "%f", "%ff", "%c3", "%ed%a0%80", "%00", "%2f%2F", "%c0%ae", "a;b", "@:"),
    },
  );
}
