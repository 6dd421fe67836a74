/**
 * The laws of counting as properties, over so few ids that repetition is the norm. Run against every store. The model is
 * the words of the specification and nothing else: a set of ids.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/core/counters/distinct.ts";
import { ItemCounter } from "../../../src/core/counters/item-counter.ts";
import { epochs } from "../sets/store-bench.ts";
import type { OnItemBench } from "./item-store-contract.ts";

const IDS = ["a", "b", "\u00e9", "e\u0301"] as const;

const idArb = fc.constantFrom(...IDS);
const batchArb = fc.array(idArb, { maxLength: 6 });
const stepArb = fc.oneof({ weight: 4, arbitrary: batchArb }, { weight: 1, arbitrary: fc.constant("reopen" as const) });

/** What the words say: one by one, an id is new the first time. */
function expectedVerdicts(seen: Set<string>, batch: readonly string[]): readonly Verdict[] {
  return batch.map((id) => {
    const verdict = seen.has(id) ? "duplicate" : "new";
    seen.add(id);
    return verdict;
  });
}

/** @param runs of each property: few where a database is slow */
export function describeItemLaws(where: string, onBench: OnItemBench, runs: number): void {
  describe(`laws of counting, ${where}`, () => {
    test("[N1] [N2] [N3] [N7] batches, repetitions and restarts count each id once, when it first came", () =>
      onBench((bench) => {
        const property = fc.property(fc.array(stepArb, { maxLength: 8 }), (steps) => {
          let counter = new ItemCounter(bench.fresh());
          const newEpoch = epochs();
          const seen = new Set<string>();
          const countedMs = new Map<string, number>();
          for (const [nowMs, step] of steps.entries()) {
            if (step === "reopen") {
              counter = new ItemCounter(bench.reopen());
            } else {
              const verdicts = expectedVerdicts(seen, step);
              expect(counter.observe(step, nowMs, newEpoch)).toEqual(verdicts);
              for (const [index, id] of step.entries()) if (verdicts[index] === "new") countedMs.set(id, nowMs);
            }
            expect(counter.state()).toEqual({ count: seen.size, offset: offsetOf(seen.size) });
          }
          for (const id of IDS) expect(counter.countedMs(id)).toBe(countedMs.get(id));
        });
        fc.assert(property, { numRuns: runs });
      }));

    test("[N1] order, grouping and repetition don't matter", () =>
      onBench((bench) => {
        const tapes = fc.array(idArb, { maxLength: 8 }).chain((ids) =>
          fc.record({
            ids: fc.constant(ids),
            shuffled: fc.shuffledSubarray([...ids, ...ids], { minLength: 2 * ids.length }),
            cut: fc.integer({ min: 1, max: 5 }),
          }),
        );
        const property = fc.property(tapes, ({ ids, shuffled, cut }) => {
          const counter = new ItemCounter(bench.fresh());
          let fresh = 0;
          for (let from = 0; from < shuffled.length; from += cut) {
            const verdicts = counter.observe(shuffled.slice(from, from + cut), from, epochs());
            fresh += verdicts.filter((verdict) => verdict === "new").length;
          }
          expect(counter.state().count).toBe(new Set(ids).size);
          expect(fresh).toBe(new Set(ids).size);
        });
        fc.assert(property, { numRuns: runs });
      }));

    test("[N8] [N9] offsets of this life are past, all others are not", () =>
      onBench((bench) => {
        const counter = new ItemCounter(bench.fresh());
        expect(counter.isPast({ epoch: "0", sequence: 0 })).toBe(true);
        expect(counter.isPast({ epoch: "e1", sequence: 0 })).toBe(false);
        counter.observe(["a", "b", "a"], 0, epochs());
        expect(counter.state().offset).toBe("e1:2");
        expect(counter.isPast({ epoch: "0", sequence: 0 })).toBe(true);
        for (const sequence of [0, 1, 2]) expect(counter.isPast({ epoch: "e1", sequence })).toBe(true);
        expect(counter.isPast({ epoch: "e1", sequence: 3 })).toBe(false);
        expect(counter.isPast({ epoch: "e2", sequence: 1 })).toBe(false);
        expect(counter.isPast({ epoch: "0", sequence: 1 })).toBe(false);
      }));
  });
}

function offsetOf(count: number): string {
  return count === 0 ? "0:0" : `e1:${count}`;
}
