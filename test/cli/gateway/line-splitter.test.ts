/** Bytes to lines, cut anywhere. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_KEPT_BYTES_MAX, LineSplitter } from "../../../src/cli/gateway/line-splitter.ts";

function split(chunks: readonly (string | Buffer)[]): { readonly text: string; readonly count: number } {
  const splitter = new LineSplitter();
  const all = [...chunks.map((chunk) => splitter.push(Buffer.from(chunk as string))), splitter.end()];
  return {
    text: all.map(({ text }) => text).join(""),
    count: all.reduce((sum, { count }) => sum + count, 0),
  };
}

describe("a splitter", () => {
  it("gives the same lines wherever the bytes are cut, also within a character", () => {
    const piece = fc.constantFrom("1|B", "7|S|☃é😀", "\n", "\r\n", "\n\n", "x\ry", " ", "");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 6 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(""));
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
        const chunks = at.slice(0, -1).map((start, index) => bytes.subarray(start, at[index + 1]));
        const lines = bytes
          .toString()
          .split("\n")
          .filter((line) => line !== "" && line !== "\r");
        expect(split(chunks)).toEqual({ text: lines.map((line) => `${line}\n`).join(""), count: lines.length });
      }),
    );
  });

  it("hands a line on byte for byte, with its CR", () => {
    expect(split(["007|B\r\n8|B\n"])).toEqual({ text: "007|B\r\n8|B\n", count: 2 });
  });

  it("takes the last line for one though it has no end", () => {
    expect(split(["1|B\n2|", "B"])).toEqual({ text: "1|B\n2|B\n", count: 2 });
  });

  it(`keeps a line of ${LINE_KEPT_BYTES_MAX} bytes, cuts a longer one, and goes on after it`, () => {
    const long = (length: number): string => "x".repeat(length);
    const kept = `${long(LINE_KEPT_BYTES_MAX)}\n1|B\n`;
    expect(split([long(LINE_KEPT_BYTES_MAX), "\n1|B\n"]).text).toBe(kept);
    expect(split([long(4_000), long(4_000), long(100_000), "\n1|B\n"]).text).toBe(kept);
    expect(split([long(LINE_KEPT_BYTES_MAX + 1)]).text).toBe(`${long(LINE_KEPT_BYTES_MAX)}\n`);
  });

  it("makes a line that is no UTF-8 one without a number, and leaves its neighbours alone", () => {
    const bytes = Buffer.concat([Buffer.from("1|B\n2|P|"), Buffer.of(0xff), Buffer.from("|3\n4|S|é\n")]);
    expect(split([bytes])).toEqual({ text: "1|B\n\ufffd2|P|\ufffd|3\n4|S|é\n", count: 3 });
  });

  it("keeps a byte order mark, which is no part of a number", () => {
    expect(split(["\ufeff1|B\n"]).text).toBe("\ufeff1|B\n");
  });
});
