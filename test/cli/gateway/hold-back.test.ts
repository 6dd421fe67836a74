/** What is held back, and until when. Time is made to pass by hand; turns of the event loop are real. */
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BACKLOG, HELD_MS_MAX, HoldBack } from "../../../src/cli/gateway/hold-back.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function turns(count = 8): Promise<void> {
  for (let index = 0; index < count; index++) await turn();
}

function setUp() {
  const hold = new HoldBack();
  const done: string[] = [];
  return { hold, done, run: (name: string) => hold.run(() => done.push(name)) };
}

test("with nobody waiting, it takes two turns, in which a connection would be accepted", async () => {
  const { done, run } = setUp();
  run("a");
  await turn();
  expect(done).toEqual([]);
  await turns();
  expect(done).toEqual(["a"]);
});

test("as long as each turn accepts someone, it takes more of them", async () => {
  const { hold, done, run } = setUp();
  run("a");
  for (let count = 0; count < 100; count++) {
    const connection = {};
    hold.enter(connection);
    hold.leave(connection);
    await turn();
  }
  expect(done).toEqual([]);
  await turns(6);
  expect(done).toEqual(["a"]);
});

test("and however long that takes; but no more than wait in the system at the most", async () => {
  const { hold, done, run } = setUp();
  run("a");
  for (let count = 0; count < BACKLOG - 1; count++) {
    const connection = {};
    hold.enter(connection);
    hold.leave(connection);
    if (count % 1_000 === 0) vi.advanceTimersByTime(HELD_MS_MAX);
    if (count % 2 === 0) await turn();
  }
  expect(done).toEqual([]);
  for (let count = 0; count < 4 && done.length === 0; count++) {
    const connection = {};
    hold.enter(connection);
    hold.leave(connection);
    await turn();
  }
  expect(done).toEqual(["a"]);
});

test("what has come when the time is up is read first", async () => {
  const { hold, done, run } = setUp();
  const [slow, slower] = [{}, {}];
  hold.enter(slow);
  hold.enter(slower);
  run("a");
  await turns();
  vi.advanceTimersByTime(HELD_MS_MAX);
  hold.leave(slow);
  expect(done).toEqual([]);
  hold.leave(slower);
  expect(done).toEqual(["a"]);
  // Nor does the time that was up then concern those who are waited for next.
  const next = {};
  hold.enter(next);
  run("b");
  await turns();
  expect(done).toEqual(["a"]);
  hold.leave(next);
  expect(done).toEqual(["a", "b"]);
});

test("what comes during the last look is looked for in another", async () => {
  const { hold, done, run } = setUp();
  run("a");
  await turn();
  run("b");
  await turn();
  await turn();
  expect(done).toEqual(["a"]);
  const late = {};
  hold.enter(late);
  await turns();
  expect(done).toEqual(["a"]);
  hold.leave(late);
  expect(done).toEqual(["a", "b"]);
});

test("who connects before those turns are over is waited for", async () => {
  const { hold, done, run } = setUp();
  const [first, second] = [{}, {}];
  run("a");
  await turn();
  hold.enter(first);
  hold.enter(second);
  await turns();
  hold.leave(second);
  expect(done).toEqual([]);
  run("b");
  hold.leave(first);
  expect(done).toEqual(["a"]);
  await turns();
  expect(done).toEqual(["a", "b"]);
});

test("who connects later holds up only what comes later", async () => {
  const { hold, done, run } = setUp();
  const [early, late] = [{}, {}];
  hold.enter(early);
  run("a");
  await turns();
  hold.enter(late);
  run("b");
  hold.leave(early);
  await turns();
  expect(done).toEqual(["a"]);
  hold.leave(late);
  expect(done).toEqual(["a", "b"]);
});

test(`who says nothing holds things up for ${HELD_MS_MAX} ms, and that once`, async () => {
  const { hold, done, run } = setUp();
  hold.enter({});
  run("a");
  await turns();
  vi.advanceTimersByTime(HELD_MS_MAX - 1);
  expect(done).toEqual([]);
  vi.advanceTimersByTime(1);
  await turns(2);
  expect(done).toEqual(["a"]);
  run("b");
  await turns();
  expect(done).toEqual(["a", "b"]);
});
