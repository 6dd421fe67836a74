/** Pseudonyms against another implementation of the same. */
import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hmacPseudonyms, newSalt } from "../../../src/worker/analytics/pseudonym.ts";

test("[A12] are the HMAC-SHA-256 of the name, cut to 128 bits, whatever came before", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (names) => {
      const salt = newSalt();
      expect(salt).toMatch(/^[0-9a-f]{64}$/);
      const pseudonyms = hmacPseudonyms(salt);
      const expected = (text: string) =>
        createHmac("sha256", Buffer.from(salt, "hex")).update(text).digest("hex").slice(0, 32);
      for (const name of names) {
        expect(pseudonyms.ofUser(name)).toBe(expected(name));
        expect(pseudonyms.ofId(name)).toBe(expected(`\0${name}`));
      }
    }),
  );
});

test("[A12] salts are different each time", () => {
  expect(new Set(Array.from({ length: 100 }, newSalt)).size).toBe(100);
});
