/** The bounds of what is kept for users who are there, and the way back to the log when they are exceeded. */
import { describe, expect, test } from "vitest";
import { MemoryStreamStore } from "../../../src/core/streams/memory-stream-store.ts";
import { OrderedStream } from "../../../src/core/streams/ordered-stream.ts";
import { ConnectedUsers } from "../../../src/worker/streams/connected-users.ts";
import { UserFeed } from "../../../src/worker/streams/user-feed.ts";
import { UserWindow } from "../../../src/worker/streams/user-window.ts";
import type { EventsFrame } from "../../../src/protocol/stream-frames.ts";

/** A stream with users who are there, as its object puts them together. */
class World {
  readonly users = new ConnectedUsers(() => this.stream);
  readonly stream = new OrderedStream(new MemoryStreamStore(), this.users, 0);
  readonly feed = new UserFeed(() => this.stream, this.users);

  turn(text: string): void {
    this.stream.take(text, 0);
    this.users.settle();
  }

  /** What a viewer of `user` is sent until it is at the cursor, and in how many steps. */
  read(user: string, position: string) {
    const topic = `json|${user}`;
    const events: string[] = [];
    let steps = 0;
    while (this.feed.head(topic, position) !== position) {
      const step = this.feed.step(topic, position);
      for (const frame of step.frames) if (frame.type === "events") events.push(...(frame as EventsFrame).events);
      position = step.position;
      steps += 1;
    }
    return { events, steps, position };
  }
}

function broadcasts(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}|B`).join("\n");
}

describe("the window of a user", () => {
  test("[T28] is complete after its base, and forgets what two rounds ago was there", () => {
    const window = new UserWindow(5);
    window.push(6, "6|B");
    window.push(9, [8, 9]);
    expect(window.after(5).map(({ told }) => told)).toEqual(["6|B", [8, 9]]);
    expect(window.after(6).map(({ told }) => told)).toEqual([[8, 9]]);
    expect([window.hasAfter(8), window.hasAfter(9)]).toEqual([true, false]);
    expect(window.settle()).toBe(true);
    window.push(12, "12|B");
    expect(window.base).toBe(5);
    expect(window.settle()).toBe(true);
    expect([window.base, window.after(9).length]).toEqual([9, 1]);
    expect(window.settle()).toBe(false);
    expect(window.base).toBe(12);
  });

  test("[T28] is bounded, and what it lost comes from the log", () => {
    const world = new World();
    world.users.enter("a");
    world.turn(broadcasts(1, 100_000));
    const base = world.users.window("a")?.base ?? 0;
    expect(base).toBeGreaterThan(0);
    const { events, steps } = world.read("a", "0");
    expect(events).toHaveLength(100_000);
    expect(events.at(-1)).toBe("100000|B");
    expect(steps).toBeGreaterThan(1);
    expect(world.read("a", String(base)).events).toHaveLength(100_000 - base);
  });
});

describe("all users that are there", () => {
  test("[T28] are told nothing by a turn that tells more than can be kept, and read the log", () => {
    const world = new World();
    const names = Array.from({ length: 1_000 }, (_, index) => `u${index}`);
    for (const name of names) world.users.enter(name);
    world.turn(broadcasts(1, 1_200));
    for (const name of names) expect(world.users.window(name)?.base).toBe(1_200);
    expect(world.read("u7", "0").events).toHaveLength(1_200);
    world.turn("1201|P|x|u7");
    expect(world.read("u7", "1200")).toMatchObject({ events: ["1201|P|x|u7"], steps: 1 });
    expect(world.read("u8", "1200").steps).toBe(0);
  });

  test("[T28] [T14] one that lacks what is no longer kept is told so, and that this is the end", () => {
    const world = new World();
    world.stream.configure({ retentionEvents: 0 });
    for (let sequence = 1; sequence < 6; sequence++) world.turn(`${sequence}|B`);
    expect(world.stream.oldest).toBe(4);
    expect(world.feed.step("json|a", "3")).toEqual({ frames: [{ type: "reset" }], position: "3", isLast: true });
    expect(world.feed.step("json|a", "6")).toMatchObject({ isLast: true });
    expect(world.feed.step("json|a", "4").isLast).toBeUndefined();
    expect(world.feed.toTexts("lines|a", [{ type: "reset" }])).toEqual([]);
    // A browser comes again by itself, and must not ask for a number that the stream doesn't know.
    const reset = { frames: [{ type: "reset" }], position: "3" };
    expect(world.feed.toEvents("json|a", reset)).toBe('id:\ndata: {"type":"reset"}\n\n');
    expect(world.feed.toEvents("lines|a", reset)).toBe("id:\n\n");
  });

  test("[T11] [T12] that come and go are told by whom they follow while they are there", () => {
    const world = new World();
    world.turn("1|F|a|s\n2|F|b|s");
    world.users.enter("a");
    world.users.enter("a");
    world.users.enter("b");
    world.users.leave("a");
    world.turn("3|S|s");
    world.users.leave("b");
    world.turn("4|S|s\n5|U|a|s\n6|U|b|s\n7|S|s");
    world.users.enter("b");
    world.turn("8|S|s\n9|F|b|s\n10|S|s");
    expect(world.read("a", "2").events).toEqual(["3|S|s", "4|S|s"]);
    expect(
      world.users
        .window("b")
        ?.after(0)
        .map(({ told }) => told),
    ).toEqual(["10|S|s"]);
    expect(world.users.viewers).toBe(2);
  });
});
