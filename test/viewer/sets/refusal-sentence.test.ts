/** What the page says beside the field. */
import { expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { quoted } from "../../../src/viewer/quoted.ts";
import { refusalSentence, refuseElement } from "../../../src/viewer/sets/refusal-sentence.ts";

it("refuses what can't be an element, and says why", () => {
  const longest = "é".repeat(limits.elementBytesMax / 2);
  expect(refuseElement(longest)).toBeUndefined();
  expect(refuseElement(`${longest}x`)).toBe("An element has at most 1,024 bytes of UTF-8; this one has 1,025.");
  expect(refuseElement("")).toBe("An element must not be empty.");
  expect(refuseElement("a\0b")).toBe("An element must not contain NUL.");
  expect(refuseElement(" ")).toBeUndefined();
});

it("names the element, shortened, with what can't be seen in it", () => {
  expect(quoted("milk")).toBe("“milk”");
  expect(quoted("a\tb")).toBe("“a⟨TAB⟩b”");
  expect(quoted("👩".repeat(40))).toBe(`“${"👩".repeat(40)}”`);
  expect(quoted("👩".repeat(41))).toBe(`“${"👩".repeat(39)}…”`);
});

it("says for every reason what is to be done", () => {
  for (const reason of ["future", "expired", "invalid", "outdone", "unkept"] as const) {
    const sentence = refusalSentence(reason, "milk");
    expect(sentence).toContain("“milk”");
    expect(sentence).toMatch(/\.$/);
  }
});
