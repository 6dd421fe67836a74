import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { refuse, succeed } from "../../src/protocol/problem.ts";
import type { Result } from "../../src/protocol/problem.ts";
import { GroupCommit } from "../../src/worker/group-commit.ts";
import type { Commit } from "../../src/worker/group-commit.ts";

const LIMITS = { weightMax: 3, writersMax: 5, deadlineMs: 200 };

/** A commit that records its batches and answers each entry with itself. */
function echo(batches: (readonly number[])[]): Commit<number, string> {
  return async (entries) => {
    batches.push([...entries]);
    return succeed(entries.map((entry) => `answer to ${entry}`));
  };
}

function writer(limits = LIMITS) {
  const group = new GroupCommit<number, string>("items", limits);
  const ctx = createExecutionContext();
  const write = (key: string, entry: number, commit: Commit<number, string>): Promise<Result<string>> =>
    group.write(key, entry, commit, (promise) => ctx.waitUntil(promise));
  return { ctx, write };
}

describe("group commit", () => {
  it("carries out writes that come together in one call, and answers each writer with its own", async () => {
    const { write } = writer();
    const batches: (readonly number[])[] = [];
    const answers = await Promise.all([1, 2, 3].map((entry) => write("a", entry, echo(batches))));
    expect(batches).toEqual([[1, 2, 3]]);
    expect(answers).toEqual([1, 2, 3].map((entry) => succeed(`answer to ${entry}`)));
  });

  it("never mixes the entries of two objects", async () => {
    const { write } = writer();
    const batchesOf = { a: [] as (readonly number[])[], b: [] as (readonly number[])[] };
    await Promise.all([
      write("a", 1, echo(batchesOf.a)),
      write("b", 2, echo(batchesOf.b)),
      write("a", 3, echo(batchesOf.a)),
    ]);
    expect(batchesOf).toEqual({ a: [[1, 3]], b: [[2]] });
  });

  it("bounds a batch: weightMax fit, one more opens another", async () => {
    const { write } = writer();
    const batches: (readonly number[])[] = [];
    const answers = await Promise.all([1, 2, 3, 4].map((entry) => write("a", entry, echo(batches))));
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(answers.map((answer) => answer.ok && answer.value)).toEqual([1, 2, 3, 4].map((n) => `answer to ${n}`));
  });

  it("counts an entry for what it weighs, and gives one that no batch has room for a batch of its own", async () => {
    const group = new GroupCommit<number, string>("items", { ...LIMITS, writersMax: 9 }, (entry) => entry);
    const ctx = createExecutionContext();
    const batches: (readonly number[])[] = [];
    const entries = [1, 2, 1, 3, 4, 1, 1, 1, 1];
    const answers = await Promise.all(
      entries.map((entry) => group.write("a", entry, echo(batches), (promise) => ctx.waitUntil(promise))),
    );
    // The heavy ones didn't wait.
    expect(batches).toEqual([[3], [4], [1, 2], [1], [1, 1, 1], [1]]);
    expect(answers).toEqual(entries.map((entry) => succeed(`answer to ${entry}`)));
  });

  it("lets a heavy entry go at once if its object is idle, and others gather while it is at work", async () => {
    const group = new GroupCommit<number, string>("items", { ...LIMITS, weightMax: 9 }, (entry) => entry);
    const ctx = createExecutionContext();
    const batches: (readonly number[])[] = [];
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const slow: Commit<number, string> = async (entries) => {
      const outcome = echo(batches)(entries);
      if (batches.length === 1) await answered;
      return outcome;
    };
    const write = (key: string, entry: number) => group.write(key, entry, slow, (promise) => ctx.waitUntil(promise));
    const first = write("a", 2);
    await Promise.resolve();
    await Promise.resolve();
    expect(batches).toEqual([[2]]);
    const others = [write("a", 3), write("a", 4)];
    await Promise.resolve();
    await Promise.resolve();
    expect(batches).toEqual([[2]]);
    await Promise.all(others);
    expect(batches).toEqual([[2], [3, 4]]);
    answer();
    await first;
    const last = write("a", 5);
    await Promise.resolve();
    await Promise.resolve();
    expect(batches.at(-1)).toEqual([5]);
    await last;
  });

  it("bounds the writers: writersMax wait, one more is refused and its entry not written", async () => {
    const { write } = writer();
    const batches: (readonly number[])[] = [];
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((entry) => write("a", entry, echo(batches))));
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true, true, true, false]);
    expect(answers[5]).toMatchObject({ problem: { code: "overloaded", retryAfterS: 1 } });
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5]);
  });

  it("makes room again once writers have their answers", async () => {
    const { write } = writer();
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all([1, 2, 3, 4, 5].map((entry) => write("a", entry, echo([]))));
      expect(answers.every((answer) => answer.ok)).toBe(true);
    }
  });

  it("answers every writer of a failed call with 503", async () => {
    const { write } = writer();
    const failing: Commit<number, string> = async () => {
      throw new Error("the object is gone");
    };
    const answers = await Promise.all([1, 2].map((entry) => write("a", entry, failing)));
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, problem: { code: "overloaded" } });
  });

  it("passes a refusal on to every writer", async () => {
    const { write } = writer();
    const refusing: Commit<number, string> = async () => refuse("overloaded", "later", { retryAfterS: 7 });
    const answers = await Promise.all([1, 2].map((entry) => write("a", entry, refusing)));
    for (const answer of answers) expect(answer).toMatchObject({ problem: { detail: "later", retryAfterS: 7 } });
  });

  it("fails all rather than guess when a call gives too few answers", async () => {
    const { write } = writer();
    const short: Commit<number, string> = async (entries) => succeed(entries.slice(1).map(String));
    const answers = await Promise.all([1, 2].map((entry) => write("a", entry, short)));
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, problem: { code: "overloaded" } });
  });

  it("gives each writer its deadline, while the call goes on under waitUntil", async () => {
    const { ctx, write } = writer();
    let finished = false;
    const slow: Commit<number, string> = async (entries) => {
      await scheduler.wait(LIMITS.deadlineMs * 2);
      finished = true;
      return succeed(entries.map(String));
    };
    const answer = await write("a", 1, slow);
    expect(answer).toMatchObject({ ok: false, problem: { code: "overloaded" } });
    expect(finished).toBe(false);
    await waitOnExecutionContext(ctx);
    expect(finished).toBe(true);
  });

  it("commits writes that come during a call in a batch of their own", async () => {
    const { write } = writer();
    const batches: (readonly number[])[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const holding: Commit<number, string> = async (entries) => {
      batches.push([...entries]);
      await held;
      return succeed(entries.map(String));
    };
    const first = write("a", 1, holding);
    await scheduler.wait(20);
    const second = write("a", 2, echo(batches));
    expect(await second).toEqual(succeed("answer to 2"));
    release();
    expect(await first).toEqual(succeed("1"));
    expect(batches).toEqual([[1], [2]]);
  });
});
