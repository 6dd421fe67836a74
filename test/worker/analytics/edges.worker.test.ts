/** Any number of edges, each with rules of an age of its own: the totals are those of one Set per slice. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Routing } from "../../../src/core/analytics/routing.ts";
import { sliceStart } from "../../../src/core/analytics/time-slice.ts";
import { EventSchema } from "../../../src/protocol/analytics.ts";
import type { AnalyticsEvent, AnalyticsEventInput } from "../../../src/protocol/analytics.ts";
import { parse } from "../../../src/protocol/parse.ts";
import { AnalyticsEdge } from "../../../src/worker/analytics/analytics-edge.ts";
import { SliceReader } from "../../../src/worker/analytics/read-slices.ts";
import { recordEvent, recordEvents } from "../../../src/worker/analytics/record-events.ts";
import { Reckoning } from "../../core/analytics/slice-bench.ts";
import { AnalyticsWorld, waitUntil } from "./analytics-world.ts";

const SLICE_MS = 20_000;
const EDGES = 3;

const event = fc.record<AnalyticsEventInput>(
  {
    timestamp: fc.integer({ min: 0, max: 14 }).map((slice) => slice * SLICE_MS + 1),
    user: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    event: fc.constantFrom("click", "impression"),
    id: fc.constantFrom("1", "2", "3", "4"),
  },
  { requiredKeys: ["timestamp", "user", "event"] },
);

type Command =
  | { readonly kind: "batch"; readonly edge: number; readonly events: readonly AnalyticsEventInput[] }
  | { readonly kind: "single"; readonly edge: number; readonly events: readonly AnalyticsEventInput[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "rule"; readonly slice: number; readonly shards: number }
  | { readonly kind: "grid"; readonly routing: Omit<Routing, "rules"> };

const edge = fc.nat({ max: EDGES - 1 });
const commands = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("batch" as const), edge, events: fc.array(event, { maxLength: 5 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("single" as const), edge, events: fc.array(event, { maxLength: 3 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(10, 1_500, 31_000) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("rule" as const),
        slice: fc.integer({ min: 1, max: 14 }),
        shards: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("grid" as const),
        routing: fc.record({ sliceMs: fc.constantFrom(SLICE_MS, SLICE_MS * 2), firstSlice: fc.constantFrom(0, 7) }),
      }),
    },
  ) satisfies fc.Arbitrary<Command>,
  { minLength: 5, maxLength: 25 },
);

function parsed(input: AnalyticsEventInput): AnalyticsEvent {
  const result = parse(EventSchema, input);
  if (!result.ok) throw new Error(result.problem.detail);
  return result.value;
}

/** The first edge's clock works, the second's stands still so that it never re-reads, the third's is ahead of time. */
function openEdges(world: AnalyticsWorld): readonly AnalyticsEdge[] {
  return [() => world.nowMs, () => 0, () => world.nowMs + 25_000].map((now) => new AnalyticsEdge(world, now));
}

function ruleOf(routing: Routing, { slice, shards }: { readonly slice: number; readonly shards: number }): Routing {
  const from = routing.firstSlice + slice * routing.sliceMs;
  return { ...routing, rules: [...routing.rules, { from, shards }] };
}

async function run(all: readonly Command[]): Promise<AnalyticsWorld> {
  const world = new AnalyticsWorld({ sliceMs: SLICE_MS, firstSlice: 0, rules: [{ from: 0, shards: 1 }] });
  const edges = openEdges(world);
  const accepted: AnalyticsEvent[] = [];
  const underWay: Promise<unknown>[] = [];
  for (const command of all) {
    if (command.kind === "wait") world.nowMs += command.ms;
    else if (command.kind === "rule") world.change(ruleOf(world.state.routing, command));
    else if (command.kind === "grid") world.change({ ...world.state.routing, ...command.routing });
    else {
      const events = command.events.map(parsed);
      accepted.push(...events);
      const at = edges[command.edge]!;
      if (command.kind === "batch") underWay.push(recordEvents(at, events, waitUntil));
      else underWay.push(...events.map((one) => recordEvent(at, one, waitUntil)));
    }
  }
  for (const outcome of await Promise.all(underWay)) expect(outcome).toMatchObject({ ok: true });

  const slices = new Map<number, Reckoning>();
  for (const one of accepted) {
    const start = sliceStart(world.state.routing, one.timestamp);
    const reckoning = slices.get(start) ?? new Reckoning();
    slices.set(start, reckoning);
    reckoning.add(one);
  }
  const fresh = new AnalyticsEdge(world, () => world.nowMs);
  for (const [start, reckoning] of slices) {
    const reading = await new SliceReader(fresh, "default", true, waitUntil).readAt(start);
    expect(reading).toMatchObject({ ok: true, value: { sum: reckoning.totals() } });
  }
  return world;
}

describe("edges with rules of any age", () => {
  test("[A10] [A11] leave the totals of one Set for each slice", async () => {
    let stale = 0;
    let rules = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        // An id names one event: with two users it would be the first that comes who counts, which is no set of events.
        const world = await run(all.map(withUserOfId));
        stale += world.calls.stale;
        rules += world.state.routing.rules.length - 1;
      }),
      { numRuns: 300 },
    );
    // The histories were worth running.
    expect(stale).toBeGreaterThan(30);
    expect(rules).toBeGreaterThan(30);
  });
});

/** An id is of one user and one kind of event. */
function withUserOfId(command: Command): Command {
  if (command.kind !== "batch" && command.kind !== "single") return command;
  const events = command.events.map((one): AnalyticsEventInput =>
    one.id === undefined ? one : { ...one, user: `of ${one.id}`, event: one.id < "3" ? "click" : "impression" },
  );
  return { ...command, events };
}
