import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { TestStream } from "../support/test-stream.ts";
import type { StreamFrame, StreamSocket } from "../support/test-stream.ts";

function numbered(from: number, to: number, rest: string): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}|${rest}`);
}

/** A gateway as the contract describes it: who has joined, what each was told, and where to join again from. */
class Gateway {
  readonly socket: StreamSocket;
  readonly told = new Map<number, string[]>();
  readonly joined = new Set<number>();
  readonly since = new Map<number, number>();
  cursor = 0;
  readonly others: StreamFrame[] = [];

  constructor(socket: StreamSocket) {
    this.socket = socket;
  }

  join(id: number, user: string, since?: number): void {
    this.socket.tell({ type: "join", users: [{ id, user, ...(since !== undefined && { since }) }] });
  }

  async take(): Promise<StreamFrame> {
    const frame = await this.socket.frame();
    this.socket.tell({ type: "seen" });
    if (frame.type === "events") {
      for (const [index, line] of (frame.events ?? []).entries()) {
        const ids = frame.to?.[index] ?? [...this.joined];
        for (const id of ids) this.#toldOf(id).push(line);
      }
      if (frame.replay === undefined) this.cursor = frame.cursor ?? 0;
      for (const id of frame.replay ?? []) this.since.set(id, frame.cursor ?? 0);
    } else if (frame.type === "joined") {
      for (const id of frame.ids ?? []) this.joined.add(id);
      this.cursor = frame.cursor ?? 0;
    } else {
      this.others.push(frame);
    }
    return frame;
  }

  #toldOf(id: number): string[] {
    const told = this.told.get(id) ?? [];
    this.told.set(id, told);
    return told;
  }

  async until(isThere: (frame: StreamFrame) => boolean): Promise<StreamFrame> {
    for (;;) {
      const frame = await this.take();
      if (isThere(frame)) return frame;
    }
  }

  untilCursor(cursor: number): Promise<StreamFrame> {
    return this.until((frame) => frame.type === "events" && frame.replay === undefined && frame.cursor === cursor);
  }

  async untilAllJoined(count: number): Promise<void> {
    while (this.joined.size < count) await this.take();
  }

  untilJoined(id: number): Promise<StreamFrame> {
    return this.until((frame) => frame.type === "joined" && frame.ids?.includes(id) === true);
  }
}

async function open(stream: TestStream): Promise<Gateway> {
  return new Gateway(await stream.gateway());
}

describe("a gateway", () => {
  it("[T31] is told which of its connections each event is for, and nothing of others", async () => {
    const stream = new TestStream();
    const gateway = await open(stream);
    gateway.socket.tell({
      type: "join",
      users: [
        { id: 0, user: "a" },
        { id: 7, user: "b" },
        { id: 9, user: "b" },
      ],
    });
    expect(await gateway.take()).toEqual({ type: "joined", ids: [0, 7, 9], cursor: 0 });
    await stream.take("1|F|a|b", "2|B", "3|P|x|y", "4|S|b", "5|U|a|b", "6|S|b", "7|P|x|b");
    expect(await gateway.take()).toEqual({
      type: "events",
      cursor: 7,
      events: ["1|F|a|b", "2|B", "4|S|b", "7|P|x|b"],
      to: [[7, 9], null, [0], [7, 9]],
    });
    expect((await stream.status()).users).toBe(3);
    gateway.socket.tell({ type: "leave", ids: [7, 55] });
    gateway.socket.tell({ type: "source", id: 1 });
    await gateway.until((frame) => frame.type === "ack");
    await stream.take("8|P|x|b", "9|P|x|a");
    expect(await gateway.take()).toMatchObject({ events: ["8|P|x|b", "9|P|x|a"], to: [[9], [0]] });
    expect((await stream.status()).users).toBe(2);
    await gateway.socket.close();
    expect(await stream.status()).toMatchObject({ users: 0, sources: 0 });
  });

  it("[T31] joined before lines were sent, a connection is told all that they cause", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1 });
    const gateway = await open(stream);
    gateway.socket.tell({ type: "source", id: 5 });
    gateway.socket.tell({ type: "lines", id: 5, lines: "2|B\n" });
    gateway.join(1, "a");
    gateway.socket.tell({ type: "lines", id: 5, lines: "1|P|x|a\r\n3|B" });
    await gateway.untilCursor(3);
    expect(gateway.told.get(1)).toEqual(["1|P|x|a", "2|B", "3|B"]);
    expect(gateway.others).toMatchObject([
      { type: "ack", id: 5, lines: 0, cursor: 0 },
      { type: "ack", id: 5, lines: 1, buffered: 1 },
      { type: "ack", id: 5, lines: 3, cursor: 3, buffered: 0 },
    ]);
    gateway.socket.tell({ type: "end", id: 5 });
    expect(await gateway.take()).toMatchObject({ type: "ended", id: 5, lines: 3, cursor: 3 });
    expect((await stream.status()).sources).toBe(0);
  });

  it("[T31] [T32] joins with a number are told what came after it, before they are told what comes", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 0 });
    await stream.take("1|F|a|b", "2|S|b", "3|U|a|b", "6|S|b", "7|P|x|a", "8|P|x|b");
    const gateway = await open(stream);
    const users = [
      { id: 1, user: "a", since: 0 },
      { id: 2, user: "b", since: 0 },
      { id: 3, user: "a", since: 6 },
      { id: 4, user: "a" },
    ];
    gateway.socket.tell({ type: "join", users });
    await gateway.untilAllJoined(4);
    await stream.take("9|B");
    await gateway.untilCursor(9);
    expect(gateway.told).toEqual(
      new Map([
        [1, ["2|S|b", "7|P|x|a", "9|B"]],
        [2, ["1|F|a|b", "8|P|x|b", "9|B"]],
        [3, ["7|P|x|a", "9|B"]],
        [4, ["9|B"]],
      ]),
    );
    expect(gateway.since.get(1)).toBe(8);
  });

  it("[T32] broken at any frame and joined again from there, tells each connection everything once", async () => {
    const stream = new TestStream();
    let gateway = await open(stream);
    gateway.join(1, "a");
    gateway.join(2, "b");
    await gateway.untilJoined(2);
    const told = new Map<number, string[]>();
    const expected: string[] = [];
    for (let round = 0; round < 6; round++) {
      const from = round * 3 + 1;
      const lines = [`${from}|P|x|a`, `${from + 1}|B`, `${from + 2}|P|x|y`];
      expected.push(...lines.slice(0, 2));
      await stream.take(...lines);
      if (round % 2 === 0) await gateway.untilCursor(from + 2);
      for (const [id, own] of gateway.told) told.set(id, [...(told.get(id) ?? []), ...own]);
      const { cursor } = gateway;
      await (round % 3 === 2 ? stream.evict() : gateway.socket.close());
      if (round % 3 === 2) {
        await stream.status();
        expect((await gateway.socket.closed).code).toBe(1012);
      }
      gateway = await open(stream);
      gateway.join(1, "a", cursor);
      gateway.join(2, "b", cursor);
      await gateway.untilJoined(2);
    }
    await stream.take("19|B");
    await gateway.untilCursor(19);
    for (const [id, own] of gateway.told) told.set(id, [...(told.get(id) ?? []), ...own]);
    expect(told.get(1)).toEqual([...expected, "19|B"]);
    expect(told.get(2)).toEqual([...expected, "19|B"].filter((line) => line.endsWith("B")));
  });

  it("[T15] [T32] brings connections up in one pass over the log, wherever each comes from", async () => {
    const stream = new TestStream();
    const count = 60_000;
    await stream.configure({ event_timeout_ms: 0 });
    await stream.take("1|F|user-0|star", ...numbered(2, count, "S|star"), `${count + 11}|B`);
    const gateway = await open(stream);
    const sinces = [count - 1, 20_000, 0, 40_000, 20_000, count + 5];
    const users = sinces.map((since, id) => ({ id, user: "user-0", since }));
    gateway.socket.tell({ type: "join", users });
    await gateway.untilAllJoined(users.length);
    const all = [...numbered(2, count, "S|star"), `${count + 11}|B`];
    for (const { id, since } of users) {
      const expected = all.filter((line) => Number.parseInt(line, 10) > since);
      expect(gateway.told.get(id), `since ${since}`).toEqual(expected);
      expect(gateway.since.get(id)).toBe(count + 11);
    }
    const sent = gateway.socket.texts.flatMap((text) => (JSON.parse(text) as StreamFrame).events ?? []);
    // Whoever is where numbers were skipped is not met there, but at the number that came next.
    expect(sent).toEqual([...all, `${count + 11}|B`]);
  });

  it("[T15] [T32] a turn that tells more than can be kept is told from the log, in frames that fit", async () => {
    const stream = new TestStream();
    const gateway = await open(stream);
    const users = Array.from({ length: 100 }, (_, id) => ({ id, user: `user-${id}` }));
    gateway.socket.tell({ type: "join", users });
    await gateway.untilJoined(99);
    // Everybody follows the star, whose updates then name a hundred connections each.
    await stream.take(...users.map(({ user }, index) => `${index + 1}|F|${user}|star`));
    await stream.take(...numbered(101, 20_100, "S|star"), "20101|B");
    await gateway.untilCursor(20_101);
    await stream.take("20102|B");
    await gateway.untilCursor(20_102);
    for (const { id } of users) expect(gateway.told.get(id)).toHaveLength(20_002);
    expect(gateway.told.get(42)!.at(-3)).toBe("20100|S|star");
    expect(gateway.socket.texts.length).toBeGreaterThan(10);
    for (const text of gateway.socket.texts) expect(text.length).toBeLessThan(4 * 1024 * 1024);
  });

  it("[T31] is refused what can't be, each with its reason, and goes on", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1, max_buffered: 1, retention_events: 0 });
    for (let sequence = 1; sequence < 5; sequence++) await stream.take(`${sequence}|B`);
    const gateway = await open(stream);
    gateway.join(1, "a");
    await gateway.untilJoined(1);
    gateway.join(1, "b");
    gateway.join(2, "b", 1);
    gateway.join(3, "b", 99);
    gateway.socket.tell({ type: "source", id: 1 });
    gateway.socket.tell({ type: "source", id: 1 });
    gateway.socket.tell({ type: "source", id: 2 });
    gateway.socket.tell({ type: "lines", id: 3, lines: "5|B" });
    gateway.socket.tell({ type: "lines", id: 1, lines: "5|B\n6|B" });
    gateway.socket.tell({ type: "source", id: 2 });
    gateway.socket.socket.send('{"type":"lines"}');
    gateway.socket.socket.send("nonsense");
    gateway.socket.tell({ type: "lines", id: 2, lines: "5|B" });
    await gateway.untilCursor(5);
    const refused = gateway.others
      .filter(({ type }) => type === "refused" || type === "error")
      .map(({ what = "message", id, code }) => `${what} ${id ?? ""} ${code}`);
    expect(refused.toSorted()).toEqual([
      "message  invalid_request",
      "message  invalid_request",
      "source 1 conflict",
      "source 1 rate_limited",
      "source 2 overloaded",
      "source 3 not_found",
      "user 1 conflict",
      "user 2 offset_gone",
      "user 3 invalid_request",
    ]);
    expect(gateway.others.map(({ detail }) => detail)).toContain("message: must be an object.");
    expect(gateway.told).toEqual(new Map([[1, ["5|B"]]]));
  });

  it("[T7] is told of holes", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 0 });
    const gateway = await open(stream);
    gateway.join(1, "a");
    await gateway.untilJoined(1);
    await stream.take("1|B", "4|B");
    await gateway.untilCursor(4);
    expect(gateway.others).toEqual([{ type: "gap", from: 2, to: 3 }]);
    expect(gateway.told.get(1)).toEqual(["1|B", "4|B"]);
  });

  it("[T31] must send text of a bounded size, and there are 16 at most", async () => {
    const stream = new TestStream();
    const binary = await stream.gateway();
    binary.socket.send(new Uint8Array([1]));
    expect((await binary.closed).code).toBe(1003);
    const large = await stream.gateway();
    large.socket.send("x".repeat(4 * 1024 * 1024 + 1));
    expect((await large.closed).code).toBe(1009);
    const all: StreamSocket[] = [];
    while (all.length < limits.streamGatewaysMax) all.push(await stream.gateway());
    await expectProblem(stream.tryConnect("/gateway"), "overloaded");
    await all[0]!.close();
    await (await stream.gateway()).close();
  });
});
