/** The digest against the words of the design, computed by another library, and against values worked out by hand. */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDigest, parseDigest } from "../../../src/core/sets/digest.ts";
import { LwwSet } from "../../../src/core/sets/lww-set.ts";
import type { Entry } from "../../../src/core/sets/lww.ts";
import { MemorySetStore } from "../../../src/core/sets/memory-set-store.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import { digestOf, entriesOf, epochs, LENIENT } from "./store-bench.ts";

/** "over all entries, the sum modulo 2^64 of the first 8 bytes (big-endian) of SHA-256(...)", byte by byte. */
function digestInWords(entries: readonly Entry[]): string {
  const sum = new Uint8Array(8);
  for (const { op, timestamp, element } of entries) {
    const nul = Buffer.of(0);
    const text = Buffer.concat([Buffer.from(op), nul, Buffer.from(timestamp.toString(10)), nul, Buffer.from(element)]);
    const first = createHash("sha256").update(text).digest().subarray(0, 8);
    let carry = 0;
    for (let index = 7; index >= 0; index--) {
      const digit = sum[index]! + first[index]! + carry;
      sum[index] = digit % 256;
      carry = digit >= 256 ? 1 : 0;
    }
  }
  return Buffer.from(sum).toString("hex");
}

function written(entries: readonly Entry[]): LwwSet {
  const set = new LwwSet(new MemorySetStore(), sha256Hash64);
  set.create(LENIENT, "e");
  set.apply(entries, 0, epochs());
  return set;
}

/**
 * With coreutils: `printf 'add\0001\000a' | sha256sum | cut -c1-16`, and so on. The third is the sum of the first two,
 * beyond 2^64.
 */
const GOLDEN: readonly { readonly entries: readonly Entry[]; readonly digest: string }[] = [
  { entries: [{ op: "add", element: "a", timestamp: 1 }], digest: "74a7c45d625045b9" },
  { entries: [{ op: "remove", element: "f", timestamp: 2 }], digest: "fba497c4a9a80ca8" },
  {
    entries: [
      { op: "add", element: "a", timestamp: 1 },
      { op: "remove", element: "f", timestamp: 2 },
    ],
    digest: "704c5c220bf85261",
  },
  { entries: [{ op: "add", element: "\u{1f600}", timestamp: 8.64e15 }], digest: "756b550d1f931c6a" },
];

describe("digest", () => {
  test("[S9] the empty set's is sixteen zeros, created or not", () => {
    expect(new LwwSet(new MemorySetStore(), sha256Hash64).proof().digest).toBe("0000000000000000");
    expect(written([]).proof().digest).toBe("0000000000000000");
  });

  test.each(GOLDEN)("[S9] golden: $digest", ({ entries, digest }) => {
    expect(written(entries).proof().digest).toBe(digest);
    expect(digestInWords(entries)).toBe(digest);
  });

  test("[S9] [S10] is what the words say, for any text and any order", () => {
    const entry = fc.record({
      element: fc.oneof(fc.constantFrom("a", "b", "c"), fc.string({ unit: "binary", minLength: 1, maxLength: 9 })),
      op: fc.constantFrom("add" as const, "remove" as const),
      timestamp: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(1e15, 8.64e15 - 1, 8.64e15)),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const set = written(entries.filter(({ element }) => element.isWellFormed()));
        expect(set.proof().digest).toBe(digestInWords(entriesOf(set)));
        expect(set.proof().digest).toBe(digestOf(entriesOf(set)));
      }),
    );
  });

  test("[S9] its hash is SHA-256 of UTF-8 in any script", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(sha256Hash64(text)).toBe(createHash("sha256").update(text).digest().readBigUInt64BE());
      }),
    );
  });

  test("[S9] is written in 16 lower-case digits and read back", () => {
    for (const digest of [0n, 1n, 0xabcn, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(formatDigest(digest)).toMatch(/^[0-9a-f]{16}$/);
      expect(parseDigest(formatDigest(digest))).toBe(digest);
    }
  });
});
