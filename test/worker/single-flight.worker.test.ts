/** Calls that are shared among requests, and lanes that bound them. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { succeed } from "../../src/protocol/problem.ts";
import type { Result } from "../../src/protocol/problem.ts";
import { inLanes } from "../../src/worker/lanes.ts";
import { SingleFlight } from "../../src/worker/single-flight.ts";

function flights(deadlineMs = 1_000) {
  const flight = new SingleFlight<number>(deadlineMs);
  const ctx = createExecutionContext();
  const run = (key: string, call: () => Promise<Result<number>>) =>
    flight.run(key, call, (promise) => ctx.waitUntil(promise));
  return { ctx, run };
}

describe("single flight", () => {
  it("[A21] makes one call for all who ask while it is under way, and another for who asks later", async () => {
    const { run } = flights();
    let calls = 0;
    const call = async () => succeed(++calls);
    expect(await Promise.all([run("a", call), run("a", call), run("b", call)])).toEqual([1, 1, 2].map(succeed));
    expect(await run("a", call)).toEqual(succeed(3));
  });

  it("[A21] tells each who waits when the call fails, and forgets it", async () => {
    const { run } = flights();
    const fail = async (): Promise<Result<number>> => {
      throw new Error("The object is gone");
    };
    for (const answer of await Promise.all([run("a", fail), run("a", fail)])) {
      expect(answer).toMatchObject({ ok: false, problem: { code: "overloaded" } });
    }
    expect(await run("a", async () => succeed(1))).toEqual(succeed(1));
  });

  it("[A21] gives each its deadline, while the call goes on under waitUntil", async () => {
    const { ctx, run } = flights(100);
    let finished = false;
    const slow = async () => {
      await scheduler.wait(300);
      finished = true;
      return succeed(1);
    };
    expect(await run("a", slow)).toMatchObject({ ok: false, problem: { code: "overloaded", retryAfterS: 1 } });
    expect(finished).toBe(false);
    await waitOnExecutionContext(ctx);
    expect(finished).toBe(true);
  });
});

describe("lanes", () => {
  it("keep no more than so many under way, and answers in the order of the items", async () => {
    let underWay = 0;
    let most = 0;
    const answers = await inLanes([5, 1, 4, 2, 3], 2, async (ms) => {
      most = Math.max(most, ++underWay);
      await scheduler.wait(ms);
      underWay -= 1;
      return ms * 10;
    });
    expect(answers).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
    expect(await inLanes([], 2, async () => 1)).toEqual([]);
  });

  it("begin nothing more once one fails", async () => {
    const begun: number[] = [];
    const act = async (item: number) => {
      begun.push(item);
      await scheduler.wait(1);
      if (item === 1) throw new Error("no");
    };
    await expect(inLanes([1, 2, 3, 4], 1, act)).rejects.toThrow("no");
    expect(begun).toEqual([1]);
  });
});
