import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { openSocket } from "../support/live-socket.ts";
import { Replica } from "../support/replica.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

describe("viewers of an object that was evicted", () => {
  it("get the next write, with nothing lost and nothing repeated", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    const replica = new Replica();
    await viewer.follow(replica, (await set.write(add("a", 1), add("b", 1), remove("c", 1))).offset);
    for (let round = 2; round <= 4; round++) {
      await set.evict();
      const { offset } = await set.write(round % 2 === 0 ? remove("a", round) : add("a", round));
      const frame = await viewer.next("changes");
      expect(frame.changes).toHaveLength(1);
      await replica.take(frame);
      expect(replica.offset).toBe(offset);
    }
    await viewer.expectNothingMore();
    await viewer.close();
  });

  it("can write, ping and close as before", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");
    await set.evict();
    viewer.socket.send("ping");
    expect(await viewer.nextText()).toBe("pong");
    viewer.send({ type: "write", id: 1, ops: [add("a", 1)] });
    expect(await viewer.next()).toMatchObject({ type: "changes", changes: [add("a", 1)] });
    expect(await viewer.next()).toMatchObject({ type: "ack", id: 1 });
    await set.evict();
    expect((await viewer.close()).code).toBe(1000);
    const left = await runInDurableObject(set.stub, (_, ctx) => ctx.getWebSockets().length);
    expect(left).toBe(0);
  });

  it("[S14] are reset by an erase that comes afterwards", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");
    await set.evict();
    await set.erase();
    expect(await viewer.next()).toEqual({ type: "reset" });
    expect(await viewer.next("changes")).toMatchObject({ offset: "0:0" });
    await viewer.close();
  });

  it("still get what was written just before", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    const replica = new Replica();
    await viewer.follow(replica, "0:0");
    // The first frame leaves at once, the others wait for the interval, which the eviction interrupts.
    const writes = await Promise.all([1, 2, 3, 4, 5].map((timestamp) => set.write(add("a", timestamp))));
    await set.evict();
    await viewer.follow(replica, writes.at(-1)!.offset);
    await viewer.close();
  });
});
