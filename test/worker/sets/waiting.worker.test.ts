import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Waiters } from "../../../src/worker/live/waiters.ts";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { add, TestSet } from "../support/test-set.ts";

/** Longer than any test: whatever comes back came because of a change. */
const LONG = "wait=60000";

/** Time for a request to arrive and wait. There is nothing to see that would tell that it does. */
async function settle(): Promise<void> {
  await scheduler.wait(50);
}

describe("waiting for a change", () => {
  it("ends with the next write", async () => {
    const set = new TestSet();
    const { offset } = await set.write(add("a", 1));
    const waiting = set.changes(`?since=${offset}&${LONG}`);
    await settle();
    const { verdicts: _, ...proof } = await set.write(add("b", 1));
    expect(await waiting).toEqual({ ...proof, changes: [{ element: "b", op: "add", timestamp: 1 }], more: false });
  });

  it("ends for all who wait, from wherever they do", async () => {
    const set = new TestSet();
    const waiting = ["", "&since=0:0", "&limit=1"].map((query) => set.changes(`?${LONG}${query}`));
    await settle();
    await set.write(add("a", 1));
    for (const page of await Promise.all(waiting)) expect(page).toMatchObject({ size: 1, changes: [{ element: "a" }] });
  });

  it("doesn't begin when there is something new already", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    expect((await set.changes(`?${LONG}`)).changes).toHaveLength(1);
    expect((await set.changes(`?since=0:0&${LONG}`)).changes).toHaveLength(1);
  });

  it("ends empty when the time is over", async () => {
    const set = new TestSet();
    const { verdicts: _, ...proof } = await set.write(add("a", 1));
    const page = await set.changes(`?since=${proof.offset}&wait=20`);
    expect(page).toEqual({ ...proof, changes: [], more: false });
  });

  it("is not ended by operations without effect", async () => {
    const set = new TestSet();
    const { offset } = await set.write(add("a", 1));
    const waiting = set.changes(`?since=${offset}&${LONG}`);
    await settle();
    await set.write(add("a", 1));
    await settle();
    await set.write(add("b", 1));
    expect((await waiting).changes).toMatchObject([{ element: "b" }]);
  });

  it("[S14] ends with offset_gone when the set is erased meanwhile", async () => {
    const set = new TestSet();
    const { offset } = await set.write(add("a", 1));
    const waiting = request("GET", `${set.path}/changes?since=${offset}&${LONG}`);
    await settle();
    await set.erase();
    await expectProblem(waiting, "offset_gone", "since");
  });

  it("takes 10,000 at a time, and answers one more that it should try later", async () => {
    const set = new TestSet();
    const { offset } = await set.write(add("a", 1));
    const results = await runInDurableObject(set.stub, async (object) => {
      const waiting = Array.from({ length: 10_000 }, () => object.changes(offset, 1, 60_000));
      const refused = await object.changes(offset, 1, 60_000);
      await object.apply([add("b", 1)]);
      return { refused, pages: await Promise.all(waiting) };
    });
    expect(results.refused).toMatchObject({ ok: false, problem: { code: "overloaded", retryAfterS: 1 } });
    expect(results.pages.filter((page) => page.ok && page.value.changes.length === 1)).toHaveLength(10_000);
  });

  it("gives the place back, whether it ended in vain or not", async () => {
    const waiters = new Waiters(1);
    await waiters.wait(1);
    const waiting = waiters.wait(60_000);
    expect(waiters.wait(1)).toBeUndefined();
    waiters.wake();
    await waiting;
    expect(waiters.wait(1)).toBeDefined();
  });
});
