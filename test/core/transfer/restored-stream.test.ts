/** A stream that was exported and restored tells everyone the same, of the past and from then on. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryStreamStore } from "../../../src/core/streams/memory-stream-store.ts";
import { OrderedStream, RESTART_GRACE_MS } from "../../../src/core/streams/ordered-stream.ts";
import type { StreamStore } from "../../../src/core/streams/stream-store.ts";
import { HELD_UNITS_MAX, readStreamPage, streamStart } from "../../../src/core/streams/stream-transfer.ts";
import type { StreamRecord } from "../../../src/core/streams/stream-transfer.ts";
import { SqlStreamStore } from "../../../src/worker/streams/stream-sql-store.ts";
import { NodeSql } from "../../support/node-sql.ts";
import { TestAudience } from "../streams/stream-model.ts";
import type { Told } from "../streams/stream-model.ts";

const USERS = ["a", "b", "c"] as const;
const NOW_MS = 1_000_000;

const user = fc.constantFrom(...USERS);
const body = fc.oneof(
  fc.constant("B"),
  fc.tuple(fc.constantFrom("F", "U", "P"), user, user).map((parts) => parts.join("|")),
  user.map((from) => `S|${from}`),
);
const event = fc.tuple(fc.integer({ min: 1, max: 12 }), body).map(([sequence, rest]) => `${sequence}|${rest}`);
const line = fc.oneof({ weight: 15, arbitrary: event }, { weight: 1, arbitrary: fc.constantFrom("x", "3|Q") });
const turns = fc.array(fc.array(line, { maxLength: 6 }), { maxLength: 4 });

const STORES: readonly (readonly [string, () => StreamStore])[] = [
  ["memory", () => new MemoryStreamStore()],
  ["SQLite", () => new SqlStreamStore(new NodeSql())],
];

function opened(store: StreamStore, audience = new TestAudience(...USERS), nowMs = NOW_MS): OrderedStream {
  return new OrderedStream(store, audience, nowMs);
}

/** All records, or what ended the export; `between` comes after each page. */
function exported(
  store: StreamStore,
  between: () => void = () => {},
): readonly StreamRecord[] | "gone" | "too much waits" {
  const records: StreamRecord[] = [];
  let position = streamStart(store)!;
  for (;;) {
    const page = readStreamPage(store, position);
    if (page.kind === "gone" || page.kind === "too much waits") return page.kind;
    records.push(...page.records);
    if (page.kind === "end") return records;
    position = page.next;
    between();
  }
}

function restored(records: ReturnType<typeof exported>, store: StreamStore): StreamStore {
  if (typeof records === "string") throw new Error(records);
  for (const record of records) store.restore(record);
  return store;
}

/** What every user is told of everything after each number that can be asked for. */
function replays(stream: OrderedStream): readonly (readonly Told[])[] {
  const told: (readonly Told[])[] = [];
  for (let since = stream.oldest; since <= stream.cursor; since++) {
    for (const name of USERS) {
      const audience = new TestAudience(name);
      const replay = stream.replay(audience.users, since);
      for (let before = -1; before < replay.position;) {
        before = replay.position;
        replay.step(audience);
      }
      told.push(audience.toldOf(name));
    }
  }
  return told;
}

describe.each(STORES)("a restored stream, %s", (_, newStore) => {
  test("[X3] tells the same, of the past and from then on", () => {
    fc.assert(
      fc.property(turns, fc.boolean(), turns, fc.nat({ max: 6 }), (before, skips, after, retentionEvents) => {
        const store = newStore();
        const first = opened(store);
        first.configure({ retentionEvents, eventTimeoutMs: 1_000 });
        for (const turn of before) first.take(turn.join("\n"), NOW_MS);
        if (skips) first.expire(NOW_MS + 1_000);

        const [oneAudience, otherAudience] = [new TestAudience(...USERS), new TestAudience(...USERS)];
        const copy = restored(exported(store), newStore());
        const [one, other] = [opened(store, oneAudience), opened(copy, otherAudience)];
        expect({ ...other.totals }).toEqual({ ...one.totals });
        expect([other.cursor, other.oldest, other.buffered, other.follows, other.options]).toEqual([
          one.cursor,
          one.oldest,
          one.buffered,
          one.follows,
          one.options,
        ]);
        expect(other.deadLetters(0, 100)).toEqual(one.deadLetters(0, 100));
        expect(replays(other)).toEqual(replays(one));
        for (const turn of after)
          expect(other.take(turn.join("\n"), NOW_MS)).toEqual(one.take(turn.join("\n"), NOW_MS));
        const laterMs = NOW_MS + RESTART_GRACE_MS + 1_000;
        expect(other.expire(laterMs)).toBe(one.expire(laterMs));
        for (const name of USERS) expect(otherAudience.toldOf(name)).toEqual(oneAudience.toldOf(name));
        expect(replays(opened(copy))).toEqual(replays(opened(store)));
      }),
      { numRuns: 100 },
    );
  });

  test("[X2] an export is the stream as it is at its end, whatever is processed meanwhile", () => {
    fc.assert(
      fc.property(turns, turns, (before, meanwhile) => {
        const store = newStore();
        const stream = opened(store);
        stream.configure({});
        for (const turn of before) stream.take(turn.join("\n"), NOW_MS);
        const waiting = [...meanwhile];
        const records = exported(store, () => void stream.take((waiting.shift() ?? []).join("\n"), NOW_MS));
        const copy = opened(restored(records, newStore()));
        expect([copy.cursor, copy.buffered, copy.follows]).toEqual([stream.cursor, stream.buffered, stream.follows]);
        expect(replays(copy)).toEqual(replays(stream));
      }),
      { numRuns: 60 },
    );
  });

  test("[X2] an export during which the follow graph is written anew must begin anew", () => {
    const store = newStore();
    const stream = opened(store);
    stream.configure({ retentionEvents: 0 });
    const follows = (from: number, count: number) =>
      Array.from({ length: count }, (__, index) => `${from + index}|F|u${from + index}|v`).join("\n");
    stream.take(follows(1, 20_000), NOW_MS);
    stream.take(follows(20_001, 20_000), NOW_MS);
    const start = streamStart(store)!;
    expect(readStreamPage(store, start).kind).toBe("more");
    expect(opened(restored(exported(store), newStore())).follows).toBe(40_000);
    stream.take(follows(40_001, 45_000), NOW_MS);
    expect(readStreamPage(store, start).kind).toBe("gone");
    expect(opened(restored(exported(store), newStore())).follows).toBe(85_000);
  });

  test("[X2] one whose log is trimmed faster than it is read must begin anew", () => {
    const store = newStore();
    const stream = opened(store);
    stream.configure({ retentionEvents: 1 });
    stream.take("1|B\n2|B", NOW_MS);
    stream.take("3|B", NOW_MS);
    const first = readStreamPage(store, streamStart(store)!);
    if (first.kind !== "more") throw new Error(first.kind);
    stream.take("4|B", NOW_MS);
    stream.take("5|B", NOW_MS);
    expect(readStreamPage(store, first.next).kind).toBe("gone");
  });

  test("[X2] all that waits is in it up to a bound, past which it is refused", () => {
    const store = newStore();
    const stream = opened(store);
    stream.configure({ eventTimeoutMs: -1, maxBuffered: 200_000 });
    const long = "x".repeat(240);
    const held = (from: number, count: number) =>
      Array.from({ length: count }, (__, index) => `${from + index}|P|${long}|${long}`).join("\n");
    const count = Math.floor((HELD_UNITS_MAX * 0.95) / 490);
    stream.take(held(2, count), NOW_MS);
    expect(opened(restored(exported(store), newStore())).buffered).toBe(count);
    stream.take(held(2 + count, 2_000), NOW_MS);
    expect(exported(store)).toBe("too much waits");
  });
});
