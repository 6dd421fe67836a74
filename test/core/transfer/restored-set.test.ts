/** A set that was exported and restored behaves as the one it was made from, in everything that follows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProposedOp } from "../../../src/core/sets/decide.ts";
import { DEFAULT_SET_OPTIONS, LwwSet } from "../../../src/core/sets/lww-set.ts";
import type { Entry } from "../../../src/core/sets/lww.ts";
import { MemorySetStore } from "../../../src/core/sets/memory-set-store.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";

const element = fc.constantFrom("a", "b", "c");
const op = fc.constantFrom("add" as const, "remove" as const);
const timestamp = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
const ops: fc.Arbitrary<readonly ProposedOp[]> = fc.array(fc.record({ element, op, timestamp }), { maxLength: 8 });
const bias = fc.constantFrom("add" as const, "remove" as const);
/** The server's clock when the tombstones are purged. */
const purgedAt = fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined });

const NOW_MS = 4;

function entriesOf(set: LwwSet): readonly Entry[] {
  return set.changes(undefined, 100)?.changes ?? [];
}

function restored(set: LwwSet, sizes: readonly number[]): LwwSet {
  const head = set.head!;
  const copy = new LwwSet(new MemorySetStore(), sha256Hash64);
  copy.restore(head.options, head.purgedMs, "copy");
  const entries = [...entriesOf(set)];
  for (const size of [...sizes, entries.length]) {
    const part = entries.splice(0, size);
    copy.merge(part);
    // As when the answer was lost.
    copy.merge(part);
  }
  copy.stampAfter(head.lastStampMs);
  return copy;
}

test("[X3] a restored set has the same proof and members, and gives the same verdicts and stamps from then on", () => {
  fc.assert(
    fc.property(ops, bias, purgedAt, fc.array(fc.nat({ max: 3 })), ops, (before, wins, purgeMs, sizes, after) => {
      const set = new LwwSet(new MemorySetStore(), sha256Hash64);
      set.create({ ...DEFAULT_SET_OPTIONS, bias: wins, tombstoneRetentionMs: 1 }, "original");
      set.apply(before, NOW_MS, () => "original");
      if (purgeMs !== undefined) set.purge(purgeMs, () => "purged");
      const copy = restored(set, sizes);

      const proofs = [set, copy].map((one) => ({ ...one.proof(), offset: "" }));
      expect(proofs[1]).toEqual(proofs[0]);
      expect(copy.members("", 10)).toEqual(set.members("", 10));
      expect(copy.apply(after, NOW_MS, () => "copy")).toEqual(set.apply(after, NOW_MS, () => "original"));
      const byElement = (a: Entry, b: Entry) => (a.element < b.element ? -1 : 1);
      expect(entriesOf(copy).toSorted(byElement)).toEqual(entriesOf(set).toSorted(byElement));
      expect(copy.proof().digest).toBe(set.proof().digest);
    }),
  );
});
