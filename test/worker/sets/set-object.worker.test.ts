import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PURGE_BATCH_MAX } from "../../../src/core/sets/lww-set.ts";
import { openSocket } from "../support/live-socket.ts";
import { expectProblem } from "../support/problems.ts";
import { Replica } from "../support/replica.ts";
import { answer, request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

async function stampOf(set: TestSet, element: string): Promise<number> {
  await answer(request("PUT", `${set.path}/elements/${element}`));
  return (await answer<{ timestamp: number }>(request("GET", `${set.path}/elements/${element}`))).timestamp;
}

describe("the object of a set", () => {
  it("[S13] is the same after an eviction, in every answer", async () => {
    const set = new TestSet();
    await set.create({ bias: "remove", tombstone_retention_ms: DAY_MS });
    const { offset } = await set.write(add("a", Date.now()), remove("b", Date.now()));
    const before = [await set.read(), await set.changes(), await set.alarm()];
    await set.evict();
    expect([await set.read(), await set.changes(), await set.alarm()]).toEqual(before);
    await expectProblem(request("PUT", set.path, { body: {} }), "conflict");
    expect(await set.changes(`?since=${offset}`)).toMatchObject({ changes: [], more: false });
    const next = await set.write(add("c", Date.now()));
    expect(next.offset).toBe(offset.replace(/:2$/, ":3"));
  });

  it("[S7] stamps strictly increasing across evictions while the clock steps back", async () => {
    const set = new TestSet();
    const stamps = [await stampOf(set, "a")];
    for (const element of ["b", "c", "d"]) {
      await set.evict();
      vi.setSystemTime(Date.now() - DAY_MS);
      stamps.push(await stampOf(set, element), await stampOf(set, `${element} again`));
    }
    expect(stamps).toEqual(stamps.toSorted((x, y) => x - y));
    expect(new Set(stamps).size).toBe(7);
  });

  it("[S24] purges by an alarm when the oldest tombstone is due, and not before", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: DAY_MS });
    await set.write(add("a", 1));
    expect(await set.alarm()).toBeNull();
    const removedMs = Date.now() - 1_000;
    await set.write(remove("b", removedMs), remove("c", removedMs + 500));
    expect(await set.alarm()).toBe(removedMs + DAY_MS);
    expect(await set.purge()).toBe(true);
    expect((await set.changes()).changes).toHaveLength(3);

    vi.setSystemTime(removedMs + DAY_MS + 100);
    await set.purge();
    const { changes } = await set.changes();
    expect(changes.map((change) => change.element)).toEqual(["a", "c"]);
    expect(await set.alarm()).toBeGreaterThanOrEqual(removedMs + 500 + DAY_MS);
  });

  it("[S25] goes on soon when more is due than one purge takes", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: DAY_MS });
    const ops = Array.from({ length: PURGE_BATCH_MAX }, (_, index) => remove(`element ${index}`, 1));
    await set.write(...ops);
    await set.write(remove("one more", 2));
    await set.purge();
    expect((await set.changes()).changes).toEqual([remove("one more", 2)]);
    expect(await set.alarm()).toBeLessThan(Date.now() + 60_000);
    await set.purge();
    expect((await set.changes()).changes).toEqual([]);
    expect(await set.alarm()).toBeNull();
  });

  it("[S26] [S27] knows after a purge, and an eviction, what it can't know any more", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: 0 });
    const { offset } = await set.write(add("a", 5), remove("b", 10));
    await set.purge();
    await set.evict();
    await expectProblem(request("GET", `${set.path}/changes?since=${offset}`), "offset_gone", "since");
    expect((await set.write(add("b", 10), add("b", 9), add("c", 11))).verdicts).toEqual([
      "expired",
      "expired",
      "applied",
    ]);
    expect(await set.read()).toMatchObject({ elements: ["a", "c"], size: 2 });
    const replica = new Replica();
    await replica.take(await set.changes());
    expect(replica.size).toBe(2);
  });

  it("[S24] sets another alarm after an eviction, even if the first was lost", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: DAY_MS });
    const removedMs = Date.now();
    await set.write(remove("a", removedMs));
    await runInDurableObject(set.stub, (_, { storage }) => storage.deleteAlarm());
    await set.evict();
    await set.write(add("b", 1));
    expect(await set.alarm()).toBe(removedMs + DAY_MS);
  });

  it("[S24] purges sooner for an older tombstone that comes later", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: DAY_MS });
    const removedMs = Date.now();
    await set.write(remove("a", removedMs));
    await set.write(remove("b", removedMs - 5_000));
    expect(await set.alarm()).toBe(removedMs - 5_000 + DAY_MS);
    // A younger one puts nothing off.
    await set.write(remove("c", removedMs + 5_000));
    expect(await set.alarm()).toBe(removedMs - 5_000 + DAY_MS);
  });

  it.each([1e13, 8.64e15])("[S24] keeps tombstones for as long as %d ms", async (retentionMs) => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: retentionMs });
    expect(await set.write(remove("a", 1))).toMatchObject({ verdicts: ["applied"] });
    expect(await set.write(remove("b", Date.now()))).toMatchObject({ verdicts: ["applied"] });
    await set.evict();
    expect(await set.purge()).toBe(true);
    expect((await set.changes()).changes).toHaveLength(2);
    expect(await set.alarm()).not.toBeNull();
  });

  it("[S14] leaves nothing behind when it is erased, not even an alarm", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: DAY_MS });
    await set.write(remove("a", Date.now()));
    expect(await set.alarm()).not.toBeNull();
    await set.erase();
    expect([await set.tables(), await set.alarm()]).toEqual([[], null]);

    await set.create({ tombstone_retention_ms: DAY_MS });
    await set.write(remove("a", Date.now()));
    expect(await set.alarm()).not.toBeNull();
    await set.erase();
    await set.evict();
    expect([await set.tables(), await set.alarm()]).toEqual([[], null]);
  });

  it("[S14] doesn't set up an alarm again that comes when it is erased", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: 0 });
    await set.write(remove("a", Date.now()));
    await Promise.all([set.purge(), set.erase()]);
    await set.purge();
    expect([await set.tables(), await set.alarm()]).toEqual([[], null]);
  });

  it.each([
    ["entries", "UPDATE"],
    ["head", "INSERT"],
  ])("[S28] has all of a batch or nothing when writing its %s fails", async (table, event) => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => {});
    const set = new TestSet();
    await set.write(add("a", 1));
    const before = [await set.read(), await set.changes()];
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");

    const sql = (statement: string) =>
      runInDurableObject(set.stub, (_, { storage }) => void storage.sql.exec(statement).toArray());
    await sql(`CREATE TRIGGER fault BEFORE ${event} ON ${table} BEGIN SELECT RAISE(ABORT, 'planted'); END`);
    const body = { ops: [add("b", 1), remove("a", 2)] };
    const problem = await expectProblem(request("POST", `${set.path}/ops`, { body }), "overloaded");
    expect(JSON.stringify(problem)).not.toContain("planted");
    viewer.send({ type: "write", id: 1, ...body });
    expect(await viewer.next()).toMatchObject({ type: "error", id: 1, code: "internal" });
    expect([await set.read(), await set.changes()]).toEqual(before);

    await sql("DROP TRIGGER fault");
    await set.write(...body.ops);
    const replica = new Replica();
    await replica.take(await set.changes());
    expect(replica.members).toEqual(["b"]);
    expect(await viewer.next("changes")).toMatchObject({ size: 1, changes: body.ops });
    expect(errors).toHaveBeenCalledTimes(2);
    errors.mockRestore();
    await viewer.close();
  });
});
