/** Tenants as one text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTenantList, refuseTenantList, writeTenantList } from "../../../src/viewer/counters/tenant-list.ts";

describe("a list of tenants", () => {
  it("is separated by commas, each tenant once, spaces around them aside", () => {
    expect(parseTenantList("acme, globex ,acme,, two words ")).toEqual(["acme", "globex", "two words"]);
    expect(parseTenantList(" , ,")).toEqual([]);
  });

  it("takes what follows a backslash for what it is", () => {
    expect(parseTenantList(String.raw`a\,b,\ c\ ,d\\,e\x`)).toEqual(["a,b", " c ", "d\\", "ex"]);
    expect(parseTenantList("a\\")).toEqual(["a\\"]);
  });

  it("gives back any names that were written", () => {
    const name = fc.oneof(fc.string({ unit: fc.constantFrom("a", ",", "\\", " ", "é"), minLength: 1 }), fc.string());
    const names = fc.uniqueArray(
      name.filter((each) => each !== ""),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(names, (written) => {
        expect(parseTenantList(writeTenantList(written))).toEqual(written);
      }),
    );
  });

  it("refuses none, too many, and what can't be a tenant", () => {
    const many = (count: number): string => writeTenantList(Array.from({ length: count }, (_, index) => `t${index}`));
    expect(refuseTenantList(" ,")).toBe("Name at least one tenant.");
    expect(refuseTenantList(many(20))).toBeUndefined();
    expect(refuseTenantList(many(21))).toBe("At most 20 tenants; these are 21.");
    expect(refuseTenantList(`a,${"x".repeat(257)}`)).toMatch(/^The tenant “x+…” must be at most 256 bytes of UTF-8\.$/);
    expect(refuseTenantList("a,..")).toBe("The tenant “..” can’t be watched, since no URL can name it.");
  });
});
