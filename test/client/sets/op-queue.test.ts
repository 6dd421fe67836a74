import { describe, expect, test } from "vitest";
import { MemoryReplicaStorage, WeirError } from "../../../src/client/index.ts";
import type { Entry } from "../../../src/client/index.ts";
import { OpQueue } from "../../../src/client/sets/op-queue.ts";
import { utf8Length } from "../../../src/core/text.ts";
import { limits } from "../../../src/protocol/limits.ts";
import { parse } from "../../../src/protocol/parse.ts";
import { OpsBodySchema } from "../../../src/protocol/sets.ts";

const add = (element: string, timestamp = 1): Entry => ({ op: "add", element, timestamp });

function fill(count: number, element: (index: number) => string, entriesMax = count): OpQueue {
  const queue = new OpQueue(new MemoryReplicaStorage(), entriesMax);
  for (let index = 0; index < count; index++) queue.put(add(element(index)));
  return queue;
}

describe("a batch", () => {
  test("[R3] holds at most 10,000 operations", () => {
    expect(fill(10_000, String).batch().ops).toHaveLength(10_000);
    const queue = fill(10_001, String);
    const first = queue.batch();
    expect(first.ops).toHaveLength(limits.batchEntriesMax);
    queue.settle(first.ops);
    expect(queue.batch().ops).toEqual([add("10000")]);
  });

  test("is never longer than a message may be, however its text is escaped", () => {
    for (const text of ["\u0001".repeat(1_000), "☃".repeat(330), '"\\'.repeat(500)]) {
      const queue = fill(6_000, (index) => `${text}${index}`);
      let left = 6_000;
      while (queue.size > 0) {
        const { ops, json } = queue.batch();
        expect(ops.length).toBeGreaterThan(0);
        const frame = `{"type":"write","id":${Number.MAX_SAFE_INTEGER},"ops":${json}}`;
        expect(utf8Length(frame)).toBeLessThanOrEqual(limits.bodyBytesMax);
        // Nor much shorter than it could be.
        if (ops.length < left) expect(utf8Length(frame)).toBeGreaterThan(limits.bodyBytesMax - 10_000);
        expect(parse(OpsBodySchema, JSON.parse(frame))).toEqual({ ok: true, value: { ops } });
        left -= ops.length;
        queue.settle(ops);
      }
      expect(left).toBe(0);
    }
  });

  test("begins with what waits longest", () => {
    const queue = fill(3, String);
    expect(queue.batch().ops.map(({ element }) => element)).toEqual(["0", "1", "2"]);
  });
});

describe("the queue", () => {
  test("takes as many elements as it may, and not one more", () => {
    const queue = fill(3, String, 3);
    expect(() => queue.put(add("3"))).toThrow(WeirError);
    queue.put(add("2", 9));
    expect([queue.size, queue.get("2")?.timestamp, queue.get("3")]).toEqual([3, 9, undefined]);
    queue.settle([add("0")]);
    queue.put(add("3"));
    expect(queue.size).toBe(3);
  });

  test("keeps one operation for each element, and drops only the one that was settled", () => {
    const storage = new MemoryReplicaStorage();
    const queue = new OpQueue(storage, 10);
    queue.put(add("a", 1));
    queue.put(add("a", 2));
    queue.settle([add("a", 1)]);
    expect(storage.load()).toEqual([add("a", 2)]);
    expect(queue.size).toBe(1);
    queue.settle([add("a", 2)]);
    expect([storage.load(), queue.size]).toEqual([[], 0]);
  });

  test("takes nothing that the storage would not keep", () => {
    const storage = new MemoryReplicaStorage();
    storage.put = () => {
      throw new Error("quota");
    };
    const queue = new OpQueue(storage, 10);
    expect(() => queue.put(add("a"))).toThrow("quota");
    expect(queue.size).toBe(0);
  });
});
