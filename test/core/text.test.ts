import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareCodePoints, utf8Length } from "../../src/core/text.ts";

/** From the edges of the encodings, where lengths and orders change. */
const edge = fc.constantFrom(
  "",
  "a",
  "\x7f",
  "\x80",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "\u{10000}",
  "\u{10ffff}",
);
const edges = fc.array(edge, { maxLength: 5 }).map((parts) => parts.join(""));
const wellFormed = fc.oneof(
  edges,
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
);
const anyUnits = fc.array(fc.integer({ min: 0xd700, max: 0xe100 })).map((units) => String.fromCharCode(...units));

describe("text", () => {
  test("[C3] its length is that of its UTF-8, lone surrogates replaced", () => {
    fc.assert(
      fc.property(fc.oneof(wellFormed, anyUnits), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }),
    );
  });

  test("[C4] its order is that of its UTF-8", () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    // By UTF-16 units it is the other way round.
    expect(compareCodePoints("\u{10000}", "\uffff")).toBeGreaterThan(0);
  });
});
