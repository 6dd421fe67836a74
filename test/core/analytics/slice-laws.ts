/** What a shard of a slice does over any store: the totals of a `Set`, whatever comes in whatever order. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forgetful, openShard, plainPseudonyms, Reckoning, record, SALT, CLAIM, HEAD } from "./slice-bench.ts";
import type { OnSliceBench, SliceBench } from "./slice-bench.ts";

const event = fc.record(
  {
    user: fc.constantFrom("a", "b", "c", "1", "\u00e9"),
    event: fc.constantFrom("click", "impression"),
    id: fc.constantFrom("1", "2", "3", "a"),
  },
  { requiredKeys: ["user", "event"] },
);
const batches = fc.array(fc.array(event, { maxLength: 6 }), { maxLength: 8 });

const click = (user: string, id?: string) => ({ user, event: "click" as const, id });

export function describeSliceLaws(where: string, onBench: OnSliceBench, runs: number): void {
  const rule = (title: string, body: (bench: SliceBench) => void) => test(title, () => onBench(body));

  describe(`a shard of a slice, ${where}`, () => {
    rule("[A2] [A3] [A4] counts as one Set does, over any batches, restarts and repetitions", (bench) => {
      fc.assert(
        fc.property(batches, fc.infiniteStream(fc.boolean()), fc.integer({ min: 1, max: 5 }), (all, restarts, max) => {
          let shard = openShard(bench.fresh(), forgetful(max));
          const reckoning = new Reckoning();
          for (const batch of all) {
            const before = reckoning.totals();
            for (const one of batch) reckoning.add(one);
            const after = reckoning.totals();
            const counted = after.clicks + after.impressions - before.clicks - before.impressions;
            expect(record(shard, batch)).toEqual({ totals: after, duplicates: batch.length - counted });
            if (restarts.next().value === true) shard = openShard(bench.reopen(), forgetful(max));
            expect(shard.totals()).toEqual(after);
          }
        }),
        { numRuns: runs },
      );
    });

    rule("[A2] the order and the grouping of events with ids don't matter", (bench) => {
      const identified = fc.uniqueArray(event, { selector: ({ id }) => id, maxLength: 4 });
      fc.assert(
        fc.property(
          identified.chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
            ),
          ),
          ([events, shuffled]) => {
            const withIds = events.filter(({ id }) => id !== undefined);
            const first = openShard(bench.fresh());
            const expected = record(first, withIds).totals;
            const second = openShard(bench.fresh());
            for (const one of shuffled) if (one.id !== undefined) record(second, [one]);
            expect(second.totals()).toEqual(expected);
          },
        ),
        { numRuns: runs },
      );
    });

    rule("[A3] a repetition under another user's name doesn't count that user", (bench) => {
      const shard = openShard(bench.fresh());
      record(shard, [click("a", "1")]);
      expect(record(shard, [click("b", "1")])).toMatchObject({ duplicates: 1, totals: { uniqueUsers: 1, clicks: 1 } });
      // And is not remembered as counted.
      expect(record(shard, [click("b")])).toMatchObject({ totals: { uniqueUsers: 2, clicks: 2 } });
    });

    rule("[A16] a shard that has counted nothing has claimed nothing", (bench) => {
      const shard = openShard(bench.fresh());
      expect(shard.claim).toBeUndefined();
      expect(record(shard, []).duplicates).toBe(0);
      expect(shard.claim).toBeUndefined();
      expect(shard.sealDueMs(1)).toBeUndefined();
      shard.seal(9);
      expect(bench.reopen().head()).toBeUndefined();
      record(shard, [click("a")]);
      expect(openShard(bench.reopen()).claim).toEqual(CLAIM);
    });

    rule("[A12] makes one salt, and all pseudonyms under it, across restarts", (bench) => {
      let salts = 0;
      const newSalt = () => {
        salts += 1;
        return SALT;
      };
      openShard(bench.fresh()).record([click("a")], CLAIM, 1, newSalt);
      openShard(bench.reopen()).record([click("b")], CLAIM, 1, newSalt);
      expect(salts).toBe(1);
      const pseudonyms = plainPseudonyms(SALT);
      const users = ["a", "b"].map((user) => pseudonyms.ofUser(user));
      expect(bench.reopen().countedUsers(users).size).toBe(2);
    });

    rule("[A13] sealing is due after the later of the slice's end and its last event", (bench) => {
      const endMs = CLAIM.start + CLAIM.sliceMs;
      const shard = openShard(bench.fresh());
      record(shard, [click("a")], endMs - 10);
      expect(shard.sealDueMs(100)).toBe(endMs + 100);
      record(shard, [click("a")], endMs + 50);
      expect(shard.sealDueMs(100)).toBe(endMs + 150);
      // A clock that steps back doesn't bring it forward, nor does a repetition put it off.
      record(shard, [click("a", "1")], endMs + 20);
      record(shard, [click("a", "1")], endMs + 900);
      expect(openShard(bench.reopen()).sealDueMs(100)).toBe(endMs + 150);
      shard.seal(endMs + 150);
      expect(shard.sealDueMs(100)).toBeUndefined();
    });

    rule("[A12] [A14] knows whom it has counted until it is sealed, and none that it has not", (bench) => {
      const known = forgetful(9);
      const shard = openShard(bench.fresh(), known);
      record(shard, [click("a", "1"), click("b")]);
      record(shard, [click("c", "1")]);
      expect(["a", "b", "c"].map((name) => known.has(name))).toEqual([true, true, false]);
      shard.seal(99);
      expect(known.size).toBe(0);
      record(shard, [click("a"), click("d")]);
      expect(known.size).toBe(0);
    });

    rule("[A14] a part of a shard that was sealed leaves nobody known", (bench) => {
      const known = forgetful(9);
      const shard = openShard(bench.fresh(), known);
      const part = { claim: CLAIM, salt: SALT, users: [], ids: [], head: undefined };
      shard.restore(part);
      record(shard, [click("a")]);
      expect(known.size).toBe(1);
      shard.restore({ ...part, salt: undefined, head: { ...HEAD, sealedMs: 7 } });
      expect([known.size, shard.isSealed]).toEqual([0, true]);
    });

    rule("[A14] [A15] a sealed slice keeps its totals, and labels what still comes", (bench) => {
      let shard = openShard(bench.fresh());
      record(shard, [click("a", "1"), click("b"), { user: "b", event: "impression" }]);
      const totals = shard.totals();
      shard.seal(99);
      expect(shard.totals()).toEqual(totals);
      for (let round = 1; round <= 2; round++) {
        expect(record(shard, [click("a", "1"), click("new"), { user: "a", event: "impression" }])).toEqual({
          totals: { uniqueUsers: 2, clicks: 2 + 2 * round, impressions: 1 + round, late: 3 * round },
          duplicates: 0,
        });
        shard = openShard(bench.reopen());
        expect(shard.isSealed).toBe(true);
      }
    });
  });
}
