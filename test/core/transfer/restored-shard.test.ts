/** A shard of a slice that was exported in parts and restored counts on as the one it was made from. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MemorySliceStore } from "../../../src/core/analytics/memory-slice-store.ts";
import { SHARD_START } from "../../../src/core/analytics/shard-part.ts";
import type { ShardPart } from "../../../src/core/analytics/shard-part.ts";
import type { SliceEvent, SliceShard } from "../../../src/core/analytics/slice-shard.ts";
import type { SliceStore } from "../../../src/core/analytics/slice-store.ts";
import { SqlSliceStore } from "../../../src/worker/analytics/slice-sql-store.ts";
import { NodeSql } from "../../support/node-sql.ts";
import { CLAIM, openShard, SALT } from "../analytics/slice-bench.ts";

const event: fc.Arbitrary<SliceEvent> = fc.record({
  user: fc.constantFrom("a", "b", "c"),
  event: fc.constantFrom("click" as const, "impression" as const),
  id: fc.option(fc.constantFrom("1", "2", "3", "4", "5", "6", "7"), { nil: undefined }),
});
const events = fc.array(event, { maxLength: 8 });

const OTHER_SALT = "0a0b".repeat(16);

function record(shard: SliceShard, batch: readonly SliceEvent[], salt = SALT): void {
  shard.record(batch, CLAIM, 5, () => salt);
}

/** All parts; whatever `between` does comes after each. */
function exported(shard: SliceShard, limit: number, between: () => void = () => {}): readonly ShardPart[] {
  const parts: ShardPart[] = [];
  let position = SHARD_START;
  for (;;) {
    const read = shard.exportPart(position, limit)!;
    parts.push(read.part);
    position = read.next;
    if (read.part.head !== undefined) return parts;
    between();
  }
}

function restored(parts: readonly ShardPart[], store: SliceStore): SliceShard {
  const copy = openShard(store);
  for (const part of parts) copy.restore(part);
  return openShard(store);
}

const STORES: readonly (readonly [string, () => SliceStore])[] = [
  ["memory", () => new MemorySliceStore()],
  ["SQLite", () => new SqlSliceStore(new NodeSql())],
  ["SQLite, with two pseudonyms in the log and the rest in the index", () => new SqlSliceStore(new NodeSql(), 2)],
];

test.each(STORES)("[X3] a restored shard has the same totals, and counts the same from then on: %s", (_, newStore) => {
  fc.assert(
    fc.property(events, fc.integer({ min: 1, max: 3 }), events, (before, limit, after) => {
      const shard = openShard(newStore());
      record(shard, [...before, { user: "z", event: "click" }]);
      const copy = restored(exported(shard, limit), newStore());
      expect(copy.totals()).toEqual(shard.totals());
      // It goes on under the salt of the export, whatever salt a new shard would have had.
      record(shard, after);
      record(copy, after, OTHER_SALT);
      expect(copy.totals()).toEqual(shard.totals());
    }),
    { numRuns: 60 },
  );
});

test.each(STORES.slice(0, 2))(
  "[X2] an export is the shard as it was at its end, whatever is counted meanwhile: %s",
  (_, newStore) => {
    fc.assert(
      fc.property(
        events,
        fc.integer({ min: 1, max: 2 }),
        fc.array(events, { maxLength: 4 }),
        (before, limit, meanwhile) => {
          const shard = openShard(newStore());
          record(shard, [...before, { user: "z", event: "click" }]);
          const waiting = [...meanwhile];
          const parts = exported(shard, limit, () => record(shard, waiting.shift() ?? []));
          const copy = restored(parts, newStore());
          expect(copy.totals()).toEqual(shard.totals());
          record(shard, before);
          record(copy, before);
          expect(copy.totals()).toEqual(shard.totals());
        },
      ),
      { numRuns: 60 },
    );
  },
);

test.each(STORES)(
  "[X2] [A14] one that is sealed, before or while it is exported, comes as totals alone: %s",
  (_, newStore) => {
    for (const sealsMeanwhile of [false, true]) {
      const shard = openShard(newStore());
      record(
        shard,
        ["a", "b", "c"].map((user) => ({ user, event: "click", id: user })),
      );
      if (!sealsMeanwhile) shard.seal(9);
      const parts = exported(shard, 1, () => shard.seal(9));
      expect(parts.length).toBe(sealsMeanwhile ? 2 : 1);
      const store = newStore();
      const copy = restored(parts, store);
      expect(store.salt()).toBeUndefined();
      expect(store.users(0, 10).pseudonyms).toEqual([]);
      expect(copy.isSealed).toBe(true);
      expect(copy.totals()).toEqual({ uniqueUsers: 3, clicks: 3, impressions: 0, late: 0 });
      record(copy, [{ user: "d", event: "click" }]);
      expect(copy.totals()).toEqual({ uniqueUsers: 3, clicks: 4, impressions: 0, late: 1 });
    }
  },
);

test("[X3] a page of the log begins and ends anywhere in its chunks, and misses nothing", () => {
  const shard = openShard(new SqlSliceStore(new NodeSql()));
  record(
    shard,
    Array.from({ length: 300 }, (_, index) => ({ user: `u${index}`, event: "click" }) as const),
  );
  for (const limit of [1, 125, 126, 127, 252, 299, 300, 301]) {
    const users = exported(shard, limit).flatMap((part) => part.users);
    expect(new Set(users).size).toBe(300);
    expect(users.length).toBe(300);
  }
});
