import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countLines, LINE_BYTES_MAX, parseLine, readLines } from "../../../src/core/streams/line.ts";

const MAX = String(Number.MAX_SAFE_INTEGER);

describe("a line", () => {
  test.each([
    ["666|F|60|50", { sequence: 666, type: "F", from: "60", to: "50" }],
    ["1|U|12|9", { sequence: 1, type: "U", from: "12", to: "9" }],
    ["542532|B", { sequence: 542532, type: "B", from: "", to: "" }],
    ["43|P|32|56", { sequence: 43, type: "P", from: "32", to: "56" }],
    ["634|S|32", { sequence: 634, type: "S", from: "32", to: "" }],
    ["007|B", { sequence: 7, type: "B", from: "", to: "" }],
    [`${MAX}|B`, { sequence: Number.MAX_SAFE_INTEGER, type: "B", from: "", to: "" }],
    ["1|S|\u{1f600} ü", { sequence: 1, type: "S", from: "\u{1f600} ü", to: "" }],
    ["1|F|a|a", { sequence: 1, type: "F", from: "a", to: "a" }],
  ])("[T1] %j is an event", (line, event) => {
    expect(parseLine(line)).toEqual({ ...event, line });
  });

  test.each([
    "",
    "x",
    "1",
    "|B",
    "1|",
    "1|BB",
    "1||B",
    "0|B",
    "-1|B",
    "1.0|B",
    " 1|B",
    "1 |B",
    "1e3|B",
    "9007199254740992|B",
    "1|B|",
    "1|B|a",
    "1|S",
    "1|S|",
    "1|S|a|b",
    "1|F|a",
    "1|F|a|",
    "1|F||b",
    "1|F|a|b|c",
    "1|F|a|b|",
    "1|P|a",
    "1|S|a\tb",
    "1|S|a\u007f",
    "1|S|\u0085",
    "1|S|\ud800",
    "1|S|a\0",
    "1|\u{1f600}",
    "1|1|a",
    "1|é|a",
    "\ufeff1|B",
  ])("[T2] %j is malformed", (line) => {
    expect(parseLine(line)).toBe("malformed");
  });

  test.each(["1|X", "1|f|a|b", "2|b", "3|Z|a", "4|Q|a|b"])("[T2] %j has no type that is known", (line) => {
    expect(parseLine(line)).toBe("unknown_type");
  });

  test("[T1] [T2] has users of at most 256 bytes", () => {
    const [longest, multibyte] = ["u".repeat(256), "é".repeat(128)];
    for (const user of [longest, multibyte]) {
      expect(parseLine(`1|F|${user}|${user}`)).toMatchObject({ from: user, to: user });
      expect(parseLine(`1|F|${user}|${user}x`)).toBe("malformed");
      expect(parseLine(`1|F|x${user}|${user}`)).toBe("malformed");
      expect(parseLine(`1|S|${user}x`)).toBe("malformed");
    }
  });

  test("[T1] [T2] has at most 1,024 bytes", () => {
    const withBytes = (bytes: number, rest: string) => "0".repeat(bytes - rest.length) + rest;
    expect(parseLine(withBytes(LINE_BYTES_MAX, "7|B"))).toMatchObject({ sequence: 7 });
    expect(parseLine(withBytes(LINE_BYTES_MAX + 1, "7|B"))).toBe("malformed");
    // The same for a line whose characters are fewer than its bytes.
    expect(parseLine(withBytes(LINE_BYTES_MAX - 1, "7|S|é"))).toMatchObject({ sequence: 7 });
    expect(parseLine(withBytes(LINE_BYTES_MAX, "7|S|é"))).toBe("malformed");
  });
});

describe("a text of lines", () => {
  test("[T3] ends lines with LF or CRLF, but perhaps the last, and has no empty ones", () => {
    const { events, dead, count } = readLines("\n1|B\r\n\r\n2|B\nx\r\n3|S|a\r");
    expect(events.map(({ line }) => line)).toEqual(["1|B", "2|B", "3|S|a"]);
    expect(dead).toEqual([{ reason: "malformed", line: "x" }]);
    expect(count).toBe(4);
  });

  test("[T2] a carriage return anywhere else is a control character", () => {
    expect(readLines("1|B\r\r\n2|\rB").dead.map(({ line }) => line)).toEqual(["1|B\r", "2|\rB"]);
  });

  test("[T3] is counted as it is read", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("1|B", "x", "\n", "\r\n", "\r", "")), (parts) => {
        const text = parts.join("");
        expect(countLines(text)).toBe(readLines(text).count);
      }),
    );
  });

  test("[T1] [T3] gives back every line, however it is ended and whatever is in it", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "|", "1", "F", "\u{1f600}", "\ud800", " "), minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(part, fc.constantFrom("\n", "\r\n"))), (lines) => {
        const { events, dead } = readLines(lines.flat().join(""));
        const read = [...events.map(({ line }) => line), ...dead.map(({ line }) => line)];
        expect(read.toSorted()).toEqual(lines.map(([line]) => line).toSorted());
      }),
    );
  });
});
