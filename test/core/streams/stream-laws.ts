/** The laws of a stream, held by any store: for random lines in random order, in random turns, with restarts between. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OrderedStream } from "../../../src/core/streams/ordered-stream.ts";
import type { StreamOptions } from "../../../src/core/streams/stream-options.ts";
import type { StreamStore } from "../../../src/core/streams/stream-store.ts";
import { after, joined, StreamModel, TestAudience } from "./stream-model.ts";

export interface StreamBench {
  /** A store over an empty database. Stores made before it are void. */
  fresh(): StreamStore;
  /** Another store over the same database, as after a restart. */
  reopen(): StreamStore;
}

/** Runs a body where the stores live, be it in this process or in an object of the Workers runtime. */
export type OnStreamBench = (body: (bench: StreamBench) => void) => void | Promise<void>;

const USERS = ["a", "b", "c"] as const;
const NUMBERS = 12;

const user = fc.constantFrom(...USERS);
const body = fc.oneof(
  fc.constant("B"),
  fc.tuple(fc.constantFrom("F", "U", "P"), user, user).map((parts) => parts.join("|")),
  user.map((from) => `S|${from}`),
);
const event = fc.tuple(fc.integer({ min: 1, max: NUMBERS }), body).map(([sequence, rest]) => `${sequence}|${rest}`);
const line = fc.oneof({ weight: 20, arbitrary: event }, { weight: 1, arbitrary: fc.constantFrom("x", "0|B", "3|Q") });

type Action =
  | { readonly kind: "take"; readonly lines: readonly string[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "restart" };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("take" as const), lines: fc.array(line, { maxLength: 6 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1, 400, 999, 1_000, 5_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

/** A stream next to its model, under the same actions. */
class Twin {
  readonly #bench: StreamBench;
  readonly audience = new TestAudience(...USERS);
  readonly model: StreamModel;
  stream: OrderedStream;
  nowMs = 1_000_000;

  constructor(bench: StreamBench, options: Partial<StreamOptions>) {
    this.#bench = bench;
    this.stream = new OrderedStream(bench.fresh(), this.audience, this.nowMs);
    this.stream.configure(options);
    this.model = new StreamModel(this.stream.options.eventTimeoutMs, USERS);
  }

  run(next: Action): void {
    if (next.kind === "take") {
      const text = next.lines.map((each) => `${each}\n`).join("");
      expect(this.stream.take(text, this.nowMs).lines).toBe(next.lines.length);
      this.model.take(next.lines, this.nowMs);
    } else if (next.kind === "wait") {
      this.nowMs += next.ms;
      this.stream.expire(this.nowMs);
      this.model.expire(this.nowMs);
    } else {
      this.restart();
    }
  }

  restart(): void {
    this.stream = new OrderedStream(this.#bench.reopen(), this.audience, this.nowMs);
    this.model.restart(this.nowMs);
  }

  check(): void {
    const { stream, model, audience } = this;
    const { cursor, buffered } = stream;
    const { duplicates, deadLetters } = stream.totals;
    expect({ cursor, buffered, duplicates, deadLetters }).toEqual({
      cursor: model.cursor,
      buffered: model.buffered,
      duplicates: model.duplicates,
      deadLetters: model.deadLetters,
    });
    for (const name of USERS) expect(joined(audience.toldOf(name))).toEqual(joined(model.told.get(name) ?? []));
  }
}

/** All that `users` are told by a replay from `since`. */
export function replayed(stream: OrderedStream, users: readonly string[], since: number): TestAudience {
  const audience = new TestAudience(...users);
  const replay = stream.replay(audience.users, since);
  for (let position = -1; position < replay.position;) {
    position = replay.position;
    replay.step(audience);
  }
  expect(replay.position).toBe(stream.cursor);
  return audience;
}

export function describeStreamLaws(where: string, onBench: OnStreamBench, runs: number): void {
  const law = <T>(title: string, arbitrary: fc.Arbitrary<T>, check: (bench: StreamBench, value: T) => void) =>
    test(title, () =>
      onBench((bench) =>
        fc.assert(
          fc.property(arbitrary, (value) => check(bench, value)),
          { numRuns: runs },
        ),
      ),
    );

  describe(`laws of a stream, ${where}`, () => {
    law(
      "[T4] [T5] [T6] [T7] [T11] [T17] is what its words say, turn by turn, through restarts",
      fc.tuple(fc.constantFrom(-1, 0, 1_000), fc.array(action, { maxLength: 25 })),
      (bench, [eventTimeoutMs, actions]) => {
        const twin = new Twin(bench, { eventTimeoutMs });
        for (const next of actions) {
          twin.run(next);
          twin.check();
        }
      },
    );

    law(
      "[T4] any order with any repetition, in any turns, is the sorted order",
      fc.tuple(
        fc.array(body, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(), { minLength: 90, maxLength: 90 }),
        fc.integer({ min: 1, max: 40 }),
      ),
      (bench, [bodies, keys, turn]) => {
        const sorted = bodies.map((rest, index) => `${index + 1}|${rest}`);
        const shuffled = [...sorted, ...sorted, ...sorted]
          .map((each, index) => ({ each, key: keys[index] ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const told = [sorted, shuffled].map((lines) => {
          const audience = new TestAudience(...USERS);
          const stream = new OrderedStream(bench.fresh(), audience, 0);
          stream.configure({ eventTimeoutMs: -1 });
          for (let at = 0; at < lines.length; at += turn) stream.take(lines.slice(at, at + turn).join("\n"), 0);
          expect(stream.cursor).toBe(bodies.length);
          return audience.users;
        });
        expect(told[1]).toEqual(told[0]);
      },
    );

    law(
      "[T7] what a user is told and the holes account for every number",
      fc.array(action, { maxLength: 25 }),
      (bench, actions) => {
        const twin = new Twin(bench, { eventTimeoutMs: 1_000 });
        for (const next of actions) twin.run(next);
        const { follow, unfollow, broadcast, private: messages, status, skipped } = twin.stream.totals;
        expect(follow + unfollow + broadcast + messages + status + skipped).toBe(twin.stream.cursor);
      },
    );

    law(
      "[T13] replay tells each user what it was told when it was there, from any number",
      fc.tuple(fc.constantFrom(-1, 0, 1_000), fc.array(action, { maxLength: 25 })),
      (bench, [eventTimeoutMs, actions]) => {
        const twin = new Twin(bench, { eventTimeoutMs });
        for (const next of actions) twin.run(next);
        const { stream, model } = twin;
        for (let since = stream.oldest; since <= stream.cursor; since++) {
          const together = replayed(stream, USERS, since);
          for (const name of USERS) {
            const expected = joined(after(model.told.get(name) ?? [], since));
            expect(joined(together.toldOf(name))).toEqual(expected);
            expect(joined(replayed(stream, [name], since).toldOf(name))).toEqual(expected);
          }
        }
      },
    );

    law(
      "[T13] [T14] with a retention of few events, it does so from the oldest number on",
      fc.tuple(fc.integer({ min: 0, max: 6 }), fc.array(action, { maxLength: 40 })),
      (bench, [retentionEvents, actions]) => {
        const twin = new Twin(bench, { eventTimeoutMs: 0, retentionEvents });
        for (const next of actions) twin.run(next);
        const { stream, model } = twin;
        const told = [...(model.told.get("a") ?? [])];
        for (let since = stream.oldest; since <= stream.cursor; since++) {
          expect(joined(replayed(stream, ["a"], since).toldOf("a"))).toEqual(joined(after(told, since)));
        }
        const { skipped } = stream.totals;
        const processed = stream.cursor - skipped;
        expect(stream.cursor - stream.oldest).toBeGreaterThanOrEqual(Math.min(processed, retentionEvents));
      },
    );
  });
}
