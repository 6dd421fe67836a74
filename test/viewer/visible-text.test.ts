/** That no two elements look the same for want of something to see. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleString, visibleText } from "../../src/viewer/visible-text.ts";

describe("text that can be seen", () => {
  it("is itself where there is nothing unseen in it", () => {
    for (const text of ["milk", "a dozen eggs", "日本語", "עברית", "e\u0301", "<b>&amp;</b>", ""]) {
      expect(visibleString(text)).toBe(text);
    }
  });

  it("names what can't be seen", () => {
    expect(visibleString("tab\tand\nnewline")).toBe("tab⟨TAB⟩and⟨LF⟩newline");
    expect(visibleString("zero\u200bwidth")).toBe("zero⟨ZWSP⟩width");
    expect(visibleString("evil\u202etxt.exe")).toBe("evil⟨RLO⟩txt.exe");
    expect(visibleString("a\u00a0b")).toBe("a⟨NBSP⟩b");
    expect(visibleString("\u0001")).toBe("⟨U+0001⟩");
    expect(visibleText("\u2028")).toEqual([{ text: "U+2028", stands: "U+2028" }]);
  });

  it("shows spaces where they would get lost: at the ends, and in rows", () => {
    expect(visibleString(" a b ")).toBe("⟨SP⟩a b⟨SP⟩");
    expect(visibleString("a  b")).toBe("a⟨SP⟩⟨SP⟩b");
    expect(visibleString(" ")).toBe("⟨SP⟩");
  });

  it("leaves emoji whole, and shows a joiner that joins nothing", () => {
    expect(visibleString("👩‍👩‍👧 🏳️‍🌈 👩🏽‍🚀")).toBe("👩‍👩‍👧 🏳️‍🌈 👩🏽‍🚀");
    expect(visibleString("1\u200d2")).toBe("1⟨ZWJ⟩2");
    expect(visibleString("\u200d")).toBe("⟨ZWJ⟩");
  });

  it("tells apart any two texts, of few characters so that they are alike", () => {
    const unit = fc.constantFrom("a", " ", "\t", "\u200b", "\u200d", "\u00a0", "👩");
    const text = fc.string({ unit, maxLength: 4 });
    const key = (of: string): string => JSON.stringify(visibleText(of));
    fc.assert(fc.property(text, text, (a, b) => a === b || key(a) !== key(b)));
  });
});
