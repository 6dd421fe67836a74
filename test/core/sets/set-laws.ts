/**
 * The laws of sets as properties, over domains so small that collisions are the norm: 3 elements, 5 timestamps, 3
 * replicas, both biases. Run against every store.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseOffset } from "../../../src/core/offset.ts";
import { LwwSet } from "../../../src/core/sets/lww-set.ts";
import type { Entry } from "../../../src/core/sets/lww.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import {
  digestOf,
  entriesOf,
  epochs,
  freshSet,
  greatest,
  LENIENT,
  membersOf,
  reopenSet,
  stateOf,
  Viewer,
} from "./store-bench.ts";
import type { OnBench, StoreBench } from "./store-bench.ts";

const element = fc.constantFrom("a", "b", "c");
const timestamp = fc.integer({ min: 1, max: 5 });
const bias = fc.constantFrom("add" as const, "remove" as const);
const op = fc.record({ op: bias, element, timestamp });
const ops = fc.array(op, { maxLength: 12 });
/** Some of the ops leave their timestamp to the server. */
const unstampedOp = fc.record(
  { op: bias, element, timestamp: fc.option(timestamp, { nil: undefined }) },
  { requiredKeys: ["op", "element"] },
);

/** The same operations in another order, some of them again, in groups of other sizes. */
const retold = ops.chain((told) =>
  fc.record({
    told: fc.constant(told),
    again: fc.shuffledSubarray([...told, ...told, ...told]),
    order: fc.shuffledSubarray(told, { minLength: told.length }),
    group: fc.integer({ min: 1, max: 5 }),
    bias,
  }),
);

/** @param runs of each property: few where a store is slow */
export function describeSetLaws(where: string, onBench: OnBench, runs: number): void {
  const law = <T extends unknown[]>(
    title: string,
    arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
    holds: (bench: StoreBench, ...values: T) => void,
  ) =>
    test(title, () =>
      onBench((bench) => {
        fc.assert(
          fc.property(fc.tuple<T>(...arbitraries), (values) => holds(bench, ...values)),
          { numRuns: runs },
        );
      }),
    );

  describe(`laws of sets, ${where}`, () => {
    law(
      "[S1] [S2] [S3] any order, grouping and repetition gives one state, the greatest ops",
      [retold],
      (bench, run) => {
        const first = writeAll(bench, run.bias, [run.told]);
        const rest = [...run.again, ...run.order];
        const second = writeAll(bench, run.bias, groups(rest, run.group));
        const winners = greatest(run.told, run.bias);

        expect(first).toEqual(second);
        expect(first.entries).toEqual(winners);
        expect(first.members).toEqual(winners.filter((entry) => entry.op === "add").map((entry) => entry.element));
      },
    );

    law("[S3] three replicas that exchange changes end equal", [ops, ops, ops, bias], (bench, a, b, c, side) => {
      const alone = (own: readonly Entry[]) => writeAll(bench, side, [own]).entries;
      const [ofA, ofB, ofC] = [alone(a), alone(b), alone(c)];
      const all = writeAll(bench, side, [a, b, c]);
      expect(writeAll(bench, side, [a, ofB, ofC])).toEqual(all);
      expect(writeAll(bench, side, [ofC, b, ofA])).toEqual(all);
      // Merging merged ones: (a, b) into c, and a into (b, c).
      const ofAB = writeAll(bench, side, [ofA, ofB]).entries;
      const ofBC = writeAll(bench, side, [ofB, ofC]).entries;
      expect(writeAll(bench, side, [ofC, ofAB])).toEqual(all);
      expect(writeAll(bench, side, [ofA, ofBC])).toEqual(all);
    });

    law(
      "[S4] [S5] [S6] [S7] a batch is its operations one by one",
      [ops, fc.array(unstampedOp, { maxLength: 8 }), bias, fc.boolean()],
      (bench, before, batch, side, purge) => {
        const nowMs = 3;
        const run = (parts: readonly (typeof batch)[]) => {
          const set = freshSet(bench, { bias: side, maxSkewMs: 1, tombstoneRetentionMs: 1 });
          set.apply(before, nowMs, epochs());
          if (purge) set.purge(nowMs, epochs());
          const verdicts = parts.flatMap((part) => set.apply(part, nowMs, epochs()));
          return { verdicts, ...stateOf(set) };
        };
        expect(run([batch])).toEqual(run(batch.map((one) => [one])));
      },
    );

    law("[S5] [S15] only what is applied moves the sequence", [ops, bias], (bench, written, side) => {
      const set = freshSet(bench, { bias: side });
      for (const one of written) {
        const before = set.proof();
        const [verdict] = set.apply([one], 5, epochs());
        const moved = parseOffset(set.proof().offset)!.sequence - parseOffset(before.offset)!.sequence;
        expect(moved).toBe(verdict === "applied" ? 1 : 0);
        if (verdict !== "applied") expect(set.proof()).toEqual(before);
        expect(set.apply([one], 5, epochs())).toEqual(["superseded"]);
      }
    });

    law(
      "[S7] the server's stamps strictly increase across restarts and steps back of the clock",
      [
        fc.array(fc.record({ nowMs: fc.integer({ min: 0, max: 9 }), restart: fc.boolean(), element }), {
          maxLength: 9,
        }),
      ],
      (bench, steps) => {
        let set = freshSet(bench);
        let last = -1;
        for (const { nowMs, restart, element: target } of steps) {
          if (restart) set = reopenSet(bench);
          expect(set.apply([{ op: "add", element: target }], nowMs, epochs())).toEqual(["applied"]);
          const stamp = set.entry(target)!.timestamp;
          expect(stamp).toBeGreaterThan(last);
          expect(stamp).toBeGreaterThanOrEqual(nowMs);
          last = stamp;
        }
      },
    );

    law("[S8] [S10] size and digest are those of all entries", [fc.array(ops, { maxLength: 5 })], (bench, batches) => {
      const set = freshSet(bench);
      for (const batch of batches) {
        set.apply(batch, 5, epochs());
        expect(set.proof()).toMatchObject({ size: membersOf(set).length, digest: digestOf(entriesOf(set)) });
      }
    });

    law(
      "[S16] [S17] from every offset that was ever told, the changes lead to the current state",
      [fc.array(ops, { maxLength: 5 }), bias, fc.integer({ min: 1, max: 4 })],
      (bench, batches, side, limit) => {
        const set = freshSet(bench, { bias: side });
        const follower = new Viewer(side);
        const stopped: Viewer[] = [follower.copy()];
        for (const batch of batches) {
          set.apply(batch, 5, epochs());
          follower.readAll(set, limit);
          stopped.push(follower.copy());
        }
        for (const viewer of stopped) {
          const missed = set.changes(viewer.offset === undefined ? undefined : parseOffset(viewer.offset), 1_000)!;
          const names = missed.changes.map((change) => change.element);
          expect(new Set(names).size).toBe(names.length);
          viewer.readAll(set, limit);
          expect(viewer.entries).toEqual(follower.entries);
          expect(viewer.offset).toBe(set.proof().offset);
        }
      },
    );

    law(
      "[S13] [S16] [S18] [S27] viewers that page between writes, purges and restarts hold what was proven",
      [fc.array(fc.oneof(writeStep, pageStep, purgeStep, restartStep), { maxLength: 24 }), bias],
      (bench, steps, side) => {
        const newEpoch = epochs();
        let set = freshSet(bench, { bias: side, tombstoneRetentionMs: 1 });
        const viewers = [new Viewer(side), new Viewer(side)] as const;
        for (const step of steps) {
          if (step.kind === "write") set.apply(step.ops, 5, newEpoch);
          else if (step.kind === "page") viewers[step.viewer]!.readPage(set, step.limit);
          else if (step.kind === "purge") set.purge(step.nowMs, newEpoch);
          else set = reopenSet(bench);
        }
        for (const viewer of viewers) {
          viewer.readAll(set, 1);
          expect([...viewer.entries.values()].toSorted(byName)).toEqual(stateOf(set).entries);
        }
      },
    );

    law(
      "[S21] who counts records lacks nothing",
      [fc.array(fc.tuple(ops, fc.integer({ min: 1, max: 3 })), { maxLength: 6 })],
      (bench, rounds) => {
        const set = freshSet(bench);
        const held: Entry[] = [];
        for (const [batch, limit] of rounds) {
          set.apply(batch, 5, epochs());
          held.push(...set.changesAfterRecords(held.length, limit));
        }
        for (let page = set.changesAfterRecords(held.length, 2); page.length > 0;) {
          held.push(...page);
          page = set.changesAfterRecords(held.length, 2);
        }
        expect(greatest(held.map(bare), "add")).toEqual(stateOf(set).entries);
        expect(set.changesAfterRecords(1_000, 1_000).map(bare)).toEqual(entriesOf(set));
      },
    );

    law(
      "[S25] [S26] [S27] what is a member follows from the ops accepted, whatever was purged",
      [fc.array(fc.oneof(writeStep, purgeStep), { maxLength: 16 }), bias],
      (bench, steps, side) => {
        const newEpoch = epochs();
        const set = freshSet(bench, { bias: side, tombstoneRetentionMs: 1 });
        const accepted: Entry[] = [];
        for (const step of steps) {
          const before = { ...set.proof(), members: membersOf(set) };
          if (step.kind === "write") {
            const verdicts = set.apply(step.ops, 5, newEpoch);
            accepted.push(...step.ops.filter((_, index) => verdicts[index] !== "expired"));
          } else if (set.purge(step.nowMs, newEpoch) > 0) {
            expect(set.changes(parseOffset(before.offset), 10)).toBeUndefined();
            expect(set.proof().size).toBe(before.size);
            expect(membersOf(set)).toEqual(before.members);
          } else expect(set.proof().offset).toBe(before.offset);
          const members = greatest(accepted, side).filter((entry) => entry.op === "add");
          expect(membersOf(set)).toEqual(members.map((entry) => entry.element));
          expect(set.proof().digest).toBe(digestOf(entriesOf(set)));
        }
      },
    );

    law("[S22] pages of members give each once", [ops, fc.integer({ min: 1, max: 4 })], (bench, written, limit) => {
      const set = freshSet(bench);
      set.apply(written, 5, epochs());
      const walked: string[] = [];
      for (let after: string | null = ""; after !== null;) {
        const page = set.members(after, limit);
        expect(page.elements.length).toBeLessThanOrEqual(limit);
        walked.push(...page.elements);
        after = page.next;
      }
      expect(walked).toEqual(membersOf(set));
      expect(new Set(walked)).toEqual(
        new Set(greatest(written, "add").flatMap((entry) => (entry.op === "add" ? [entry.element] : []))),
      );
    });

    law("[S11] a set that its first operation creates is as one created", [ops], (bench, written) => {
      const created = writeAll(bench, "add", [written]);
      const set = new LwwSet(bench.fresh(), sha256Hash64);
      expect(set.apply([], 5, epochs())).toEqual([]);
      expect(set.options).toBeUndefined();
      set.apply(written, 5, epochs());
      expect(stateOf(set)).toEqual(created);
    });
  });
}

const writeStep = fc.record({ kind: fc.constant("write" as const), ops: fc.array(op, { maxLength: 4 }) });
const pageStep = fc.record({
  kind: fc.constant("page" as const),
  viewer: fc.integer({ min: 0, max: 1 }),
  limit: fc.integer({ min: 1, max: 3 }),
});
const purgeStep = fc.record({ kind: fc.constant("purge" as const), nowMs: fc.integer({ min: 1, max: 7 }) });
const restartStep = fc.record({ kind: fc.constant("restart" as const) });

function writeAll(bench: StoreBench, side: "add" | "remove", batches: readonly (readonly Entry[])[]) {
  const set = freshSet(bench, { ...LENIENT, bias: side });
  for (const batch of batches) set.apply(batch, 5, epochs());
  return stateOf(set);
}

function groups(all: readonly Entry[], size: number): readonly (readonly Entry[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}

function bare({ element: target, op: kind, timestamp: at }: Entry): Entry {
  return { element: target, op: kind, timestamp: at };
}

function byName(a: Entry, b: Entry): number {
  return a.element < b.element ? -1 : 1;
}
