/**
 * Clients that write what they like, as often as they like, and followers that look when they like: the set must be
 * what the rules say, and every follower must end with the same, by digest. Domains are small, so that all collide.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Replica } from "../support/replica.ts";
import { answer, request } from "../support/request.ts";
import { TestSet } from "../support/test-set.ts";
import type { TestOp } from "../support/test-set.ts";

const FOLLOWERS = 3;

const opArbitrary: fc.Arbitrary<TestOp> = fc.record({
  op: fc.constantFrom("add", "remove"),
  element: fc.constantFrom("a", "é", "😀"),
  timestamp: fc.integer({ min: 1, max: 5 }),
});
const stepArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write"), ops: fc.array(opArbitrary, { maxLength: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("repeat"), of: fc.nat({ max: 9 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("follow"),
      follower: fc.nat({ max: FOLLOWERS - 1 }),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("evict") }) },
);

/** Which operation decides about each element, by the words of the contract. */
function winners(ops: readonly TestOp[], bias: string): readonly TestOp[] {
  const decisive = new Map<string, TestOp>();
  for (const op of ops) {
    const held = decisive.get(op.element);
    const rank = ({ op: name, timestamp = 0 }: TestOp) => timestamp * 2 + (name === bias ? 1 : 0);
    if (held === undefined || rank(op) > rank(held)) decisive.set(op.element, op);
  }
  return [...decisive.values()];
}

const byElement = (a: TestOp, b: TestOp) => (a.element < b.element ? -1 : 1);

it("[S3] [S16] is one state for the server, the rules and every follower", async () => {
  const property = fc.asyncProperty(
    fc.constantFrom("add", "remove"),
    fc.array(stepArbitrary, { maxLength: 14 }),
    async (bias, steps) => {
      const set = new TestSet();
      await set.create({ bias });
      const written: (readonly TestOp[])[] = [];
      const followers = Array.from({ length: FOLLOWERS }, () => new Replica());
      const page = async (follower: Replica, limit: number) => {
        const since = follower.offset === undefined ? "" : `&since=${follower.offset}`;
        const changes = await set.changes(`?limit=${limit}${since}`);
        await follower.take(changes);
        return changes.more;
      };
      for (const step of steps) {
        if (step.kind === "write") {
          written.push(step.ops);
          await set.write(...step.ops);
        } else if (step.kind === "repeat") await set.write(...(written[step.of]?.toReversed() ?? []));
        else if (step.kind === "follow") await page(followers[step.follower]!, step.limit);
        else await set.evict();
      }

      const expected = winners(written.flat(), bias).toSorted(byElement);
      const { elements, size, digest, offset } = await set.read();
      expect(elements).toEqual(expected.filter((op) => op.op === "add").map((op) => op.element));
      for (const follower of followers) {
        while (await page(follower, 2));
        expect([...follower.entries.values()].toSorted(byElement)).toEqual(expected);
        expect([follower.offset, follower.size, await follower.digest()]).toEqual([offset, size, digest]);
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

/** A single op goes by its own route, where those that come together are written together. */
function send(set: TestSet, ops: readonly TestOp[]): Promise<unknown> {
  const [{ op, element, timestamp }] = ops as readonly [TestOp];
  if (ops.length > 1) return set.write(...ops);
  const path = `${set.path}/elements/${encodeURIComponent(element)}?timestamp=${timestamp}`;
  return answer(request(op === "add" ? "PUT" : "DELETE", path));
}

it("[S3] is one state however the same requests overlap", async () => {
  const batches = fc.array(fc.array(opArbitrary, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 10 });
  const property = fc.asyncProperty(batches, async (written) => {
    const [inOrder, atOnce] = [new TestSet(), new TestSet()];
    for (const ops of written) await send(inOrder, ops);
    await Promise.all([...written.toReversed(), ...written].map((ops) => send(atOnce, ops)));
    const [expected, found] = [await inOrder.read(), await atOnce.read()];
    expect({ ...found, offset: "" }).toEqual({ ...expected, offset: "" });
  });
  await fc.assert(property, { numRuns: 40 });
});
