/** The page's address, read and written. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAddress, writeAddress } from "../../src/viewer/address.ts";

const SETS = { param: "set", defaultName: "default" };
const SITES = { param: "site", defaultName: "main" };
const VIEWS: readonly [typeof SETS, typeof SITES] = [SETS, SITES];

describe("the address", () => {
  it("is the default of the first view where it says nothing", () => {
    for (const search of ["", "?", "?other=x", "?set=", "?set"]) {
      expect(readAddress(search, VIEWS)).toEqual({ view: SETS, name: "default" });
    }
  });

  it("chooses the view by its parameter", () => {
    expect(readAddress("?site=shop", VIEWS)).toEqual({ view: SITES, name: "shop" });
    expect(readAddress("?utm=1&set=cart", VIEWS)).toEqual({ view: SETS, name: "cart" });
  });

  it("leaves commas as they are, for lists are read by people", () => {
    expect(writeAddress({ view: SITES, name: "a,b c&d" })).toBe("/?site=a,b+c%26d");
  });

  it("gives back any name that was written", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(name, fc.constantFrom(...VIEWS), (written, view) => {
        const { search } = new URL(writeAddress({ view, name: written }), "http://weir.test");
        expect(readAddress(search, VIEWS)).toEqual({ view, name: written });
      }),
    );
  });
});
