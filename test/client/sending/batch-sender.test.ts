/** The sender of items against a server that loses requests and answers, on a clock that the test moves. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BatchSender } from "../../../src/client/sending/batch-sender.ts";
import type { ItemInput } from "../../../src/client/counters/items-handle.ts";
import { WeirError } from "../../../src/client/weir-error.ts";
import type { Verdict } from "../../../src/core/counters/distinct.ts";
import { ItemCounter } from "../../../src/core/counters/item-counter.ts";
import { MemoryItemStore } from "../../../src/core/counters/memory-item-store.ts";
import type { ItemsAnswer } from "../../../src/protocol/counters.ts";

type Fate = "answered" | "request lost" | "answer lost" | "overloaded";

class World {
  readonly requests: (readonly ItemInput[])[] = [];
  readonly waits: number[] = [];
  readonly #counters = new Map<string, ItemCounter>();
  /** What happens to the requests to come; then all are answered. */
  fates: Fate[] = [];
  refused: (item: ItemInput) => boolean = () => false;
  #timers: { ms: number; fire: () => void }[] = [];
  readonly sender: BatchSender<ItemInput, Verdict>;

  constructor(entriesMax?: number) {
    this.sender = new BatchSender({
      runtime: {
        random: () => 0.5,
        setTimer: (ms, fire) => {
          const timer = { ms, fire };
          this.#timers.push(timer);
          return () => (this.#timers = this.#timers.filter((one) => one !== timer));
        },
      },
      post: async (items) => this.#post(items).verdicts ?? [],
      ...(entriesMax !== undefined && { entriesMax }),
    });
  }

  count(tenant: string): number {
    return this.#counters.get(tenant)?.state().count ?? 0;
  }

  /** Lets every timer fire and every promise settle until nothing is left to do. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 10_000; turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      const timer = this.#timers.shift();
      if (timer === undefined) return;
      this.waits.push(timer.ms);
      timer.fire();
    }
    throw new Error("It never comes to rest.");
  }

  #post(items: readonly ItemInput[]): ItemsAnswer {
    this.requests.push(items);
    const fate = this.fates.shift() ?? "answered";
    if (fate === "request lost") throw new WeirError({ code: "network", detail: "The request was lost." });
    if (fate === "overloaded") throw new WeirError({ code: "overloaded", detail: "Too much.", retryAfterS: 3 });
    if (items.some(this.refused)) throw new WeirError({ code: "forbidden", detail: "Not this tenant." });
    const verdicts = items.map(({ id, tenant }) => {
      const counter = this.#counters.get(tenant) ?? new ItemCounter(new MemoryItemStore());
      this.#counters.set(tenant, counter);
      return counter.observe([id], 0, () => "e")[0]!;
    });
    if (fate === "answer lost") throw new WeirError({ code: "network", detail: "The answer was lost." });
    const fresh = verdicts.filter((verdict) => verdict === "new").length;
    return { status: "success", new: fresh, duplicates: items.length - fresh, verdicts };
  }
}

function itemsOf(tenant: string, ...ids: readonly string[]): readonly ItemInput[] {
  return ids.map((id) => ({ id, tenant }));
}

function many(tenant: string, count: number): readonly ItemInput[] {
  return Array.from({ length: count }, (_, index) => ({ id: `item-${index}`, tenant }));
}

describe("the sender of items", () => {
  test("sends what is reported in one turn together, and gives each report its verdicts", async () => {
    const world = new World();
    const reports = [itemsOf("a", "x", "y"), itemsOf("b", "x"), itemsOf("a", "y")].map((report) =>
      world.sender.send(report),
    );
    await world.settle();
    expect(await Promise.all(reports)).toEqual([["new", "new"], ["new"], ["duplicate"]]);
    expect(world.requests).toHaveLength(1);
    expect(world.sender.pending).toBe(0);
  });

  test("[N1] [N14] tries until every item is acknowledged, and none counts twice", async () => {
    const fate = fc.constantFrom<Fate>("answered", "request lost", "answer lost", "overloaded");
    const report = fc.array(fc.record({ id: fc.constantFrom("x", "y", "z"), tenant: fc.constantFrom("a", "b") }), {
      maxLength: 5,
    });
    const property = fc.asyncProperty(fc.array(report, { maxLength: 6 }), fc.array(fate), async (reports, fates) => {
      const world = new World();
      world.fates = fates;
      const sent: Promise<unknown>[] = [];
      for (const one of reports) {
        sent.push(world.sender.send(one));
        if (one.length % 2 === 0) await world.settle();
      }
      await world.settle();
      await Promise.all(sent);
      for (const tenant of ["a", "b"]) {
        const ids = reports.flat().filter((one) => one.tenant === tenant);
        expect(world.count(tenant)).toBe(new Set(ids.map(({ id }) => id)).size);
      }
      expect(world.sender.pending).toBe(0);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test("waits longer each time, at least as long as it was asked to, and from the start after a success", async () => {
    const world = new World();
    world.fates = ["request lost", "request lost", "overloaded", "answered", "answer lost"];
    const first = world.sender.send(itemsOf("a", "x"));
    await world.settle();
    expect(await first).toEqual(["new"]);
    expect(world.waits).toEqual([0, 125, 250, 3_500]);
    const second = world.sender.send(itemsOf("a", "y"));
    await world.settle();
    expect(await second).toEqual(["duplicate"]);
    expect(world.waits.slice(4)).toEqual([0, 125]);
  });

  test("[R3] sends at most 10,000 items and 4 MiB in a request, in order", async () => {
    const world = new World();
    const report = world.sender.send(many("a", 25_000));
    await world.settle();
    expect(new Set(await report)).toEqual(new Set(["new"]));
    expect(world.requests.map((request) => request.length)).toEqual([10_000, 10_000, 5_000]);
    expect(world.requests.flat()).toEqual(many("a", 25_000));

    const long = new World();
    const heavy = Array.from({ length: 6_000 }, (_, index) => ({
      id: `${index}`.padStart(1_000, "\u00e9"),
      tenant: "a",
    }));
    void long.sender.send(heavy);
    await long.settle();
    expect(long.requests.length).toBe(3);
    for (const request of long.requests) {
      expect(new TextEncoder().encode(JSON.stringify(request)).length).toBeLessThanOrEqual(4 * 1024 * 1024);
    }
    expect(long.count("a")).toBe(6_000);
  });

  test("refuses what doesn't fit, as a whole, and takes it when there is room again", async () => {
    const world = new World(3);
    const first = world.sender.send(itemsOf("a", "1", "2"));
    await expect(world.sender.send(itemsOf("a", "3", "4"))).rejects.toMatchObject({ code: "overloaded" });
    const third = world.sender.send(itemsOf("a", "5"));
    expect(world.sender.pending).toBe(3);
    await world.settle();
    await Promise.all([first, third]);
    expect(world.count("a")).toBe(3);
    const again = world.sender.send(itemsOf("a", "3", "4"));
    await world.settle();
    expect(await again).toEqual(["new", "new"]);
  });

  test("rejects the report that is refused, and no other", async () => {
    const world = new World();
    world.refused = ({ tenant }) => tenant === "forbidden";
    const sent = ["a", "forbidden", "b", "forbidden", "c"].map((tenant) =>
      world.sender.send(itemsOf(tenant, "x", "y")),
    );
    const settled = Promise.allSettled(sent);
    await world.settle();
    expect((await settled).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(["a", "b", "c", "forbidden"].map((tenant) => world.count(tenant))).toEqual([2, 2, 2, 0]);
    expect(world.sender.pending).toBe(0);
  });

  test("a flush tries at once, and ends when nothing waits", async () => {
    const world = new World();
    await world.sender.flush();
    world.fates = ["request lost"];
    void world.sender.send(itemsOf("a", "x"));
    let flushed = false;
    void world.sender.flush().then(() => (flushed = true));
    await world.settle();
    expect([flushed, world.sender.pending, world.count("a")]).toEqual([true, 0, 1]);
  });

  test("[N1] a farewell sends what waits once more, and that harms nobody", async () => {
    const world = new World();
    const report = world.sender.send(many("a", 5_000));
    world.sender.farewell();
    expect(JSON.stringify(world.requests[0]).length).toBeLessThan(64 * 1024);
    expect(world.requests[0]!.length).toBeGreaterThan(1_000);
    await world.settle();
    expect(await report).toHaveLength(5_000);
    expect(world.count("a")).toBe(5_000);
  });

  test("when it is closed what waits is rejected, and nothing more is taken", async () => {
    const world = new World();
    const report = world.sender.send(itemsOf("a", "x"));
    world.sender.close();
    await expect(report).rejects.toMatchObject({ code: "network" });
    await expect(world.sender.send(itemsOf("a", "y"))).rejects.toMatchObject({ code: "network" });
    await world.settle();
    expect(world.requests).toEqual([]);
  });
});
