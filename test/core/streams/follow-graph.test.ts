import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FollowGraph } from "../../../src/core/streams/follow-graph.ts";

const USERS = ["a", "b", "c"];
const user = fc.constantFrom(...USERS);
const change = fc.record({ kind: fc.constantFrom("follow", "unfollow"), from: user, to: user });

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Whom `user` follows after the first `sequence` of the changes, whose numbers are their places from 1. */
function followingAfter(changes: readonly Change[], follower: string, sequence: number): readonly string[] {
  const following = new Set<string>();
  for (const { kind, from, to } of changes.slice(0, sequence)) {
    if (from !== follower) continue;
    if (kind === "follow") following.add(to);
    else following.delete(to);
  }
  return [...following].toSorted();
}

function graphOf(changes: readonly Change[], trimmed = 0): FollowGraph {
  const graph = new FollowGraph();
  for (const [index, { kind, from, to }] of changes.entries()) {
    if (kind === "follow") graph.follow(from, to, index + 1);
    else graph.unfollow(from, to, index + 1);
    graph.trim(Math.min(trimmed, index + 1));
  }
  return graph;
}

function expectFollows(graph: FollowGraph, changes: readonly Change[], since: number): void {
  for (let sequence = since; sequence <= changes.length; sequence++) {
    for (const name of USERS) {
      expect([...graph.followingAt(name, sequence)].toSorted()).toEqual(followingAfter(changes, name, sequence));
    }
  }
}

describe("a follow graph", () => {
  test("[T12] [T13] tells who followed whom at any number", () => {
    fc.assert(fc.property(fc.array(change), (changes) => expectFollows(graphOf(changes), changes, 0)));
  });

  test("[T14] trimmed, it tells the same from there on", () => {
    fc.assert(
      fc.property(fc.array(change), fc.nat({ max: 10 }), (changes, trimmed) => {
        expectFollows(graphOf(changes, trimmed), changes, Math.min(trimmed, changes.length));
      }),
    );
  });

  test("[T22] is the same after a checkpoint, and goes on", () => {
    fc.assert(
      fc.property(fc.array(change), fc.array(change), fc.nat({ max: 5 }), (before, after, trimmed) => {
        const former = graphOf(before, trimmed);
        const graph = new FollowGraph();
        graph.restore(former.checkpoint());
        expect([graph.size, graph.endedSize, graph.weight]).toEqual([former.size, former.endedSize, former.weight]);
        const all = [...before, ...after];
        for (const [index, { kind, from, to }] of after.entries()) {
          const sequence = before.length + index + 1;
          if (kind === "follow") graph.follow(from, to, sequence);
          else graph.unfollow(from, to, sequence);
        }
        expectFollows(graph, all, Math.min(trimmed, before.length));
        graph.trim(all.length);
        expect(graph.endedSize).toBe(0);
      }),
    );
  });

  test("[T14] keeps nothing of users whom nothing concerns any more", () => {
    const graph = new FollowGraph();
    for (let round = 0; round < 5_000; round++) {
      graph.follow(`from-${round}`, `to-${round}`, 2 * round + 1);
      graph.unfollow(`from-${round}`, `to-${round}`, 2 * round + 2);
      graph.trim(2 * round);
    }
    expect(graph.endedSize).toBe(1);
    graph.trim(10_000);
    expect([graph.size, graph.endedSize, graph.weight]).toEqual([0, 0, 0]);
    expect([...graph.checkpoint()].join("").length).toBeLessThan(100);
  });

  test("[T24] its checkpoint comes in texts that fit a row", () => {
    const graph = new FollowGraph();
    const name = (index: number) => `${index}-`.padEnd(80, "\uffff");
    for (let index = 0; index < 12_000; index++) graph.follow(name(index), name(index * 2), Number.MAX_SAFE_INTEGER);
    for (let index = 0; index < 6_000; index++) graph.unfollow(name(index), name(index * 2), Number.MAX_SAFE_INTEGER);
    const chunks = [...graph.checkpoint()];
    expect(chunks.length).toBeGreaterThan(4);
    for (const chunk of chunks) expect(new TextEncoder().encode(chunk).length).toBeLessThanOrEqual(2_000_000);
    const restored = new FollowGraph();
    restored.restore(chunks);
    expect([restored.size, restored.endedSize]).toEqual([6_000, 6_000]);
    expect(restored.followingAt(name(11_999), Number.MAX_SAFE_INTEGER)).toEqual([name(23_998)]);
  });
});
