import { expect, test } from "vitest";
import { parseDurationMs, parseNumber, parseSetName, parseUrl, refuseUnknown } from "../../src/cli/arguments.ts";

test("times have a unit and a bound", () => {
  const times = ["500ms", "60s", "2m", "1.5h", "24h"].map((text) => parseDurationMs("duration", text));
  expect(times).toEqual([500, 60_000, 120_000, 5_400_000, 86_400_000]);
  for (const text of ["", "5", "s", "-1s", "0s", "25h", "1 s", "1e3s", "soon"]) {
    expect(() => parseDurationMs("duration", text), text).toThrow(/^--duration must be a time like 500ms/);
  }
});

test("numbers are plain, and within their bounds", () => {
  expect(parseNumber("rate", "0.5", { min: 0.1, max: 10, whole: false })).toBe(0.5);
  expect(parseNumber("count", "10", { min: 1, max: 10 })).toBe(10);
  for (const text of ["11", "0", "1.5", "", "x", "1e1", "-1", "0x1"]) {
    expect(() => parseNumber("count", text, { min: 1, max: 10 }), text).toThrow(/^--count must be a whole number/);
  }
});

test("addresses are of the web, names are those of sets", () => {
  expect(parseUrl("http://127.0.0.1:8787").port).toBe("8787");
  for (const text of ["127.0.0.1:8787", "ftp://x", ""])
    expect(() => parseUrl(text)).toThrow(/^--url must be an address/);
  expect(() => parseSetName("")).toThrow("--set: must not be empty.");
});

test("what a command doesn't know is not passed over", () => {
  const definitions = { rate: { type: "string" }, name: { type: "positional" } } as const;
  refuseUnknown({ _: ["a"], rate: "1", name: "a" }, definitions);
  expect(() => refuseUnknown({ _: [], rat: "1" }, definitions)).toThrow("There is no option --rat.");
  expect(() => refuseUnknown({ _: ["a", "b"] }, definitions)).toThrow('There is no place for the argument "b".');
});
