/** The plan of a maze: what is sent, and what must be told. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { expectedEvents } from "../../../src/cli/maze/expected-lines.ts";
import { BROADCAST, FOLLOW, PRIVATE, STATUS, UNFOLLOW } from "../../../src/cli/maze/maze-events.ts";
import { createPlan } from "../../../src/cli/maze/maze-plan.ts";
import type { MazePlan } from "../../../src/cli/maze/maze-plan.ts";
import { PLAIN_MAZE } from "../../support/plain-maze.ts";

function sent(plan: MazePlan): readonly (readonly string[])[] {
  return Array.from({ length: plan.batches }, (_, batch) => plan.batchBytes(batch).toString().split("\n").slice(0, -1));
}

function numbersOf(lines: readonly string[]): readonly number[] {
  return lines.map((line) => Number(line.split("|")[0]));
}

test("every event is sent once, shuffled within its batch and no further", () => {
  const batches = sent(createPlan(PLAIN_MAZE));
  expect(batches).toHaveLength(20);
  for (const [index, lines] of batches.entries()) {
    const numbers = numbersOf(lines);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, at) => index * 10 + at + 1));
  }
  expect(numbersOf(batches.flat())).not.toEqual(numbersOf(batches.flat()).toSorted((a, b) => a - b));
});

test("the same seed gives the same maze, another seed another", () => {
  const first = createPlan(PLAIN_MAZE);
  const again = createPlan(PLAIN_MAZE);
  expect(sent(again)).toEqual(sent(first));
  expect(again.listeners.map(({ expected }) => expected.toArray())).toEqual(
    first.listeners.map(({ expected }) => expected.toArray()),
  );
  expect(sent(createPlan({ ...PLAIN_MAZE, seed: 2 }))).not.toEqual(sent(first));
});

test("shares are of what they say they are", () => {
  const options = { ...PLAIN_MAZE, events: 10_000, users: 100, connected: 0.6, late: 0.5, batch: 100 };
  const plan = createPlan({ ...options, gaps: 0.1, duplicates: 0.2, malformed: 0.1 });
  expect(plan.listeners).toHaveLength(60);
  expect(plan.listeners.filter(({ afterBatch }) => afterBatch !== undefined)).toHaveLength(30);
  expect(plan.missing).toBeGreaterThan(800);
  expect(plan.missing).toBeLessThan(1_200);
  const lines = sent(plan).flat();
  const events = lines.filter((line) => plan.arena.line(Number(line.split("|")[0]) - 1).toString() === `${line}\n`);
  expect(new Set(events).size).toBe(10_000 - plan.missing);
  expect(events.length - new Set(events).size).toBeGreaterThan(1_700);
  expect(lines.length - events.length).toBeGreaterThan(800);
});

test("lines may end in CRLF, and users be called by any text", () => {
  const plan = createPlan({ ...PLAIN_MAZE, lineEnd: "\r\n", naming: "texts" });
  const text = plan.batchBytes(0).toString();
  expect(text.split("\r\n")).toHaveLength(11);
  expect(text).toContain("☃");
  expect(plan.arena.line(0).toString()).not.toContain("\r");
});

describe("what each user is told", () => {
  const events = (...each: readonly (readonly [type: number, from: number, to?: number])[]) => ({
    count: each.length,
    types: Uint8Array.from(each, ([type]) => type),
    from: Uint16Array.from(each, ([, from]) => from),
    to: Uint16Array.from(each, ([, , to = 0]) => to),
  });
  const told = (all: ReturnType<typeof events>, listens: readonly boolean[], missing: readonly number[] = []) =>
    expectedEvents(all, listens, (index) => missing.includes(index)).map((list) => list?.toArray());

  it("follows the rules of the line protocol", () => {
    const all = events([FOLLOW, 0, 1], [STATUS, 1], [UNFOLLOW, 0, 1], [STATUS, 1], [BROADCAST, 0], [PRIVATE, 1, 2]);
    expect(told(all, [true, true, true])).toEqual([
      [1, 4],
      [0, 4],
      [4, 5],
    ]);
  });

  it("has nobody told who does not listen, and nobody of what was never sent", () => {
    const all = events([FOLLOW, 0, 1], [FOLLOW, 2, 1], [STATUS, 1], [BROADCAST, 0]);
    expect(told(all, [true, false, true], [0])).toEqual([[3], undefined, [2, 3]]);
  });

  it("is told in order, each event once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), (seed) => {
        for (const { expected } of createPlan({ ...PLAIN_MAZE, seed, gaps: 0.1 }).listeners) {
          const all = expected.toArray();
          expect(all).toEqual([...new Set(all)].toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 20 },
    );
  });
});
