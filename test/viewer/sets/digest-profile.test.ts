/** The digest as it is drawn and written. */
import { expect, it } from "vitest";
import { digestProfile, groupedDigest } from "../../../src/viewer/sets/digest-profile.ts";

it("groups the digits by four and loses none", () => {
  expect(groupedDigest("9d029f52e6d5afd1")).toBe("9d02 9f52 e6d5 afd1");
});

it("draws a bar for each digit, as high as the digit, and one line for zero", () => {
  const heights = (digest: string): readonly number[] =>
    [...digestProfile(digest).matchAll(/v-([\d.]+)/g)].map((match) => Number(match[1]));
  expect(heights("0123456789abcdef")).toEqual(Array.from({ length: 16 }, (_, digit) => (digit + 1) * 2));
  expect(heights("0000000000000000")).toEqual(Array.from({ length: 16 }, () => 2));
});
