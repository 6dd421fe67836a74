import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { openSocket } from "../support/live-socket.ts";
import { expectProblem } from "../support/problems.ts";
import { Replica } from "../support/replica.ts";
import { request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

const NOTHING = { offset: "0:0", size: 0, digest: "0000000000000000" };

describe("a viewer on a WebSocket", () => {
  it("is brought up to date by the first frame, which may be empty", async () => {
    const set = new TestSet();
    const empty = await openSocket(`${set.path}/live`);
    expect(await empty.next()).toEqual({ type: "changes", ...NOTHING, changes: [], more: false });
    expect(await set.tables()).toEqual([]);

    const { verdicts: _, ...proof } = await set.write(add("a", 1), remove("b", 2));
    const changes = [add("a", 1), remove("b", 2)];
    expect(await empty.next()).toEqual({ type: "changes", ...proof, changes, more: false });
    const full = await openSocket(`${set.path}/live`);
    expect(await full.next()).toEqual({ type: "changes", ...proof, changes, more: false });
    await Promise.all([empty.close(), full.close()]);
  });

  it("gets each later change, and none twice", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    const replica = new Replica();
    await viewer.follow(replica, "0:0");
    for (let timestamp = 1; timestamp <= 5; timestamp++) {
      const { offset } = await set.write(timestamp % 2 === 0 ? remove("a", timestamp) : add("a", timestamp));
      expect(await viewer.follow(replica, offset)).toBe(1);
    }
    await viewer.expectNothingMore();
    await viewer.close();
  });

  it("hears of a set that is created, and not of writes without effect", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");
    await set.create();
    expect(await viewer.next()).toMatchObject({
      type: "changes",
      size: 0,
      changes: [],
      offset: (await set.read()).offset,
    });
    await set.write(add("a", 8.64e15));
    await viewer.expectNothingMore();
    await viewer.close();
  });

  it("resumes from an offset with what it lacks", async () => {
    const set = new TestSet();
    await set.write(add("a", 1), add("b", 1));
    const { offset } = await set.write(remove("a", 2));
    const { verdicts: _, ...proof } = await set.write(add("c", 1));
    const viewer = await openSocket(`${set.path}/live?since=${offset}`);
    expect(await viewer.next()).toEqual({ type: "changes", ...proof, changes: [add("c", 1)], more: false });
    const current = await openSocket(`${set.path}/live?since=${proof.offset}`);
    expect(await current.next()).toEqual({ type: "changes", ...proof, changes: [], more: false });
    await Promise.all([viewer.close(), current.close()]);
  });

  it("[S20] is reset and gets everything when it resumes from another epoch", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const viewer = await openSocket(`${set.path}/live?since=other:1`);
    expect(await viewer.next()).toEqual({ type: "reset" });
    expect(await viewer.next("changes")).toMatchObject({ changes: [add("a", 1)], more: false });
    await viewer.close();
  });

  it("[S14] is reset when the set is erased, and follows the next one", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    const replica = new Replica();
    await viewer.follow(replica, "0:0");
    await viewer.follow(replica, (await set.write(add("a", 1))).offset);
    await set.erase();
    expect(await viewer.next()).toEqual({ type: "reset" });
    replica.reset();
    expect(await viewer.next()).toEqual({ type: "changes", ...NOTHING, changes: [], more: false });
    await viewer.follow(replica, (await set.write(add("b", 1))).offset);
    expect(replica.members).toEqual(["b"]);
    await viewer.close();
  });

  it("[S27] is reset when tombstones are purged", async () => {
    const set = new TestSet();
    await set.create({ tombstone_retention_ms: 0 });
    await set.write(add("a", 1));
    const viewer = await openSocket(`${set.path}/live`);
    const replica = new Replica();
    await viewer.follow(replica, (await set.read()).offset);
    const { offset } = await set.write(remove("b", 2));
    await set.purge();
    await viewer.follow(replica, (await set.read()).offset);
    expect([...replica.entries.keys()]).toEqual(["a"]);
    await expectProblem(request("GET", `${set.path}/changes?since=${offset}`), "offset_gone", "since");
    await viewer.close();
  });

  it("catches up in pages, each telling whether there is more", async () => {
    const set = new TestSet();
    for (let batch = 0; batch < 3; batch++) {
      await set.write(...Array.from({ length: limits.pageRowsMax }, (_, index) => add(`${batch} ${index}`, 1)));
    }
    const { offset } = await set.write(add("last", 1));
    const viewer = await openSocket(`${set.path}/live`);
    const replica = new Replica();
    expect(await viewer.follow(replica, offset)).toBe(4);
    expect(replica.size).toBe(3 * limits.pageRowsMax + 1);
    await viewer.expectNothingMore();
    await viewer.close();
  });

  it("coalesces a burst: fewer frames than writes, and the whole state at the end", async () => {
    const set = new TestSet();
    const viewers = await Promise.all([1, 2, 3].map(() => openSocket(`${set.path}/live`)));
    const writes = 200;
    await Promise.all(Array.from({ length: writes }, (_, index) => set.write(add(`element ${index % 50}`, index + 1))));
    const { offset, elements } = await set.read();
    for (const viewer of viewers) {
      const replica = new Replica();
      expect(await viewer.follow(replica, offset)).toBeLessThan(writes / 2);
      expect(replica.members.toSorted()).toEqual(elements);
      await viewer.expectNothingMore();
      await viewer.close();
    }
  });

  it("closes cleanly, with the code it gave", async () => {
    const set = new TestSet();
    for (const code of [1000, 3001]) {
      const viewer = await openSocket(`${set.path}/live`);
      await viewer.next("changes");
      expect(await viewer.close(code)).toMatchObject({ code });
    }
    const viewer = await openSocket(`${set.path}/live`);
    viewer.socket.close();
    expect((await viewer.closed).code).toBe(1000);
    await set.write(add("a"));
  });

  it("is confirmed the subprotocol weir, and no other", async () => {
    const connect = async (named: string) => {
      const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": named };
      const response = await request("GET", `${new TestSet().path}/live`, { headers });
      response.webSocket!.accept();
      response.webSocket!.close();
      return response.headers.get("Sec-WebSocket-Protocol");
    };
    expect(await connect("weir, bearer.token")).toBe("weir");
    expect(await connect("other")).toBeNull();
  });

  it("is refused with an offset that is none, and without a way to be live", async () => {
    const path = `${new TestSet().path}/live`;
    const upgrade = { headers: { Upgrade: "websocket" } };
    await expectProblem(request("GET", `${path}?since=x`, upgrade), "invalid_request", "since");
    await expectProblem(request("GET", path), "invalid_request", "Accept");
    await expectProblem(request("GET", path, { headers: { Upgrade: "h2c" } }), "invalid_request", "Accept");
  });
});
