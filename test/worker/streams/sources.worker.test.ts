import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { StreamSources, SOURCE_SILENCE_MS_MAX } from "../../../src/worker/streams/stream-sources.ts";
import type { StreamSource } from "../../../src/worker/streams/stream-sources.ts";
import { MemoryStreamStore } from "../../../src/core/streams/memory-stream-store.ts";
import { OrderedStream } from "../../../src/core/streams/ordered-stream.ts";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { TestStream } from "../support/test-stream.ts";

describe("a source", () => {
  it("[T25] is told how it stands at once, and after each commit", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1, max_buffered: 10 });
    const source = await stream.source();
    expect(await source.ack()).toEqual({
      type: "ack",
      cursor: 0,
      buffered: 0,
      lines: 0,
      duplicates: 0,
      dead_letters: 0,
      credit: 10,
    });
    source.socket.send("2|B\r\n\r\n3|B\nx\n2|B");
    const figures = { lines: 4, duplicates: 1, dead_letters: 1 };
    expect(await source.ack()).toEqual({ type: "ack", cursor: 0, buffered: 2, ...figures, credit: 8 });
    source.socket.send("1|B");
    expect(await source.ack()).toMatchObject({ cursor: 3, buffered: 0, lines: 5, credit: 10 });
    expect((await stream.status()).sources).toBe(1);
    await source.close();
    expect((await stream.status()).sources).toBe(0);
  });

  it("[T25] without credit is given some when there is room again, whoever made it", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1, max_buffered: 2 });
    const source = await stream.source();
    await source.ack();
    source.socket.send("2|B\n3|B");
    expect(await source.ack()).toMatchObject({ buffered: 2, credit: 0 });
    await stream.take("1|B");
    expect(await source.ack()).toMatchObject({ cursor: 3, credit: 2 });
  });

  it("[T25] has its share of the room, however long another says nothing", async () => {
    const stream = new TestStream();
    await stream.configure({ max_sources: 2, max_buffered: 10 });
    const silent = await stream.source();
    expect(await silent.ack()).toMatchObject({ credit: 5 });
    const source = await stream.source();
    expect(await source.ack()).toMatchObject({ credit: 5 });
    source.socket.send("1|B");
    expect(await source.ack()).toMatchObject({ cursor: 1, credit: 5 });
  });

  it("[T25] finds credit in turn where there is room for fewer lines than there are sources", async () => {
    const stream = new TestStream();
    await stream.configure({ max_sources: 2, max_buffered: 1 });
    const [first, second] = [await stream.source(), await stream.source()];
    expect([(await first.ack()).credit, (await second.ack()).credit]).toEqual([1, 0]);
    first.socket.send("1|B");
    expect(await second.ack()).toMatchObject({ cursor: 1, credit: 1 });
    second.socket.send("2|B");
    expect(await second.ack()).toMatchObject({ cursor: 2 });
  });

  it("[T25] is given the credit of one that goes", async () => {
    const stream = new TestStream();
    await stream.configure({ max_sources: 1, max_buffered: 10 });
    const first = await stream.source();
    expect(await first.ack()).toMatchObject({ credit: 10 });
    await answer(request("PUT", stream.path, { body: { max_sources: 2 } }));
    const second = await stream.source();
    expect(await second.ack()).toMatchObject({ credit: 0 });
    await first.close();
    expect(await second.ack()).toMatchObject({ credit: 5 });
  });

  it("[T5] [T25] is given credit by a hole that is skipped", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 30, max_buffered: 1 });
    const source = await stream.source();
    await source.ack();
    source.socket.send("2|B");
    expect(await source.ack()).toMatchObject({ credit: 0 });
    expect(await source.ack()).toMatchObject({ cursor: 2, credit: 1 });
  });

  it("[T25] that sends a line more than it has credit for is closed, and the lines are not taken", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1, max_buffered: 2 });
    const source = await stream.source();
    await source.ack();
    source.socket.send("1|B\n2|B");
    expect(await source.ack()).toMatchObject({ cursor: 2, credit: 2 });
    source.socket.send("3|B\n4|B\n5|B");
    expect((await source.closed).code).toBe(1008);
    expect(await stream.status()).toMatchObject({ cursor: 2, sources: 0 });
  });

  it("[T25] must send text of a bounded size", async () => {
    const stream = new TestStream();
    const binary = await stream.source();
    binary.socket.send(new Uint8Array([0x31]));
    expect((await binary.closed).code).toBe(1003);
    const large = await stream.source();
    large.socket.send("x".repeat(4 * 1024 * 1024 + 1));
    expect((await large.closed).code).toBe(1009);
    const source = await stream.source();
    await source.ack();
    source.socket.send("x".repeat(4 * 1024 * 1024));
    expect(await source.ack()).toMatchObject({ lines: 1, dead_letters: 1 });
  });

  it("[T27] loses nothing of what it sent before it closed", async () => {
    const stream = new TestStream();
    const source = await stream.source();
    await source.ack();
    for (let sequence = 1; sequence <= 50; sequence++) source.socket.send(`${sequence}|B`);
    await source.close();
    expect(await stream.status()).toMatchObject({ cursor: 50, sources: 0 });
  });

  it("[T26] finds a place only if there is one, and one that closed has none", async () => {
    const stream = new TestStream();
    await stream.configure({ max_sources: 2 });
    const [first, second] = [await stream.source(), await stream.source()];
    const { detail } = await expectProblem(stream.tryConnect("/source"), "overloaded");
    expect(detail).toContain("max_sources");
    await first.close();
    const third = await stream.source();
    await second.close();
    await third.close();
  });

  it("[T26] that is silent loses its place to one that wants it, and only then", () => {
    const ordered = new OrderedStream(
      new MemoryStreamStore(),
      { users: new Map(), told: () => {}, skipped: () => {} },
      0,
    );
    const sources = new StreamSources(() => ordered);
    const replaced: string[] = [];
    const named = (name: string, heardMs: number): StreamSource => ({
      lastHeardMs: () => heardMs,
      acknowledge: () => {},
      replace: () => void replaced.push(name),
    });
    sources.open(named("a", 1_000));
    expect(sources.makePlace(1_000 + SOURCE_SILENCE_MS_MAX)).toBe(false);
    expect(replaced).toEqual([]);
    expect(sources.makePlace(1_001 + SOURCE_SILENCE_MS_MAX)).toBe(true);
    expect([replaced, sources.size]).toEqual([["a"], 0]);
  });

  it("[T25] [T17] goes on with its figures and its credit after an eviction", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: -1, max_buffered: 5 });
    const source = await stream.source();
    await source.ack();
    source.socket.send("1|B\n1|B\n3|B");
    expect(await source.ack()).toMatchObject({ cursor: 1, lines: 3, duplicates: 1, credit: 4 });
    await stream.evict();
    source.socket.send("2|B");
    expect(await source.ack()).toMatchObject({ cursor: 3, lines: 4, duplicates: 1, credit: 5 });
    await stream.evict();
    expect((await stream.status()).sources).toBe(1);
    await source.close();
  });

  it("of a foreign page is refused, as its writes are", async () => {
    const stream = new TestStream();
    for (const rest of ["/source", "/gateway"]) {
      await expectProblem(stream.tryConnect(rest, { Origin: "https://elsewhere.example" }), "forbidden");
    }
    const headers = { Upgrade: "", Accept: "text/event-stream" };
    await expectProblem(stream.tryConnect("/source", headers), "invalid_request", "Upgrade");
  });

  it("[T23] is sent away when a turn fails, and what it then sends again is taken once", async () => {
    const stream = new TestStream();
    await stream.take("1|B");
    const source = await stream.source();
    await source.ack();
    const viewer = await stream.follow("a");
    await viewer.frame();
    await runInDurableObject(stream.stub, (_, { storage }) => {
      storage.sql.exec("CREATE TRIGGER fail BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'full'); END");
    });
    source.socket.send("2|B\n3|B");
    expect((await source.closed).code).toBe(1012);
    expect((await viewer.closed).code).toBe(1012);
    expect(await stream.status()).toMatchObject({ cursor: 1, sources: 0, users: 0 });
    await runInDurableObject(stream.stub, (_, { storage }) => void storage.sql.exec("DROP TRIGGER fail"));
    expect(await stream.take("2|B", "3|B")).toMatchObject({ cursor: 3, duplicates: 0 });
  });
});
