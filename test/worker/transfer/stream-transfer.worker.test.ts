import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { openSocket } from "../support/live-socket.ts";
import { TestStream } from "../support/test-stream.ts";
import { exportAll, exportText, importAll, importPart, split } from "./transfer-requests.ts";

function send(stream: TestStream, ...lines: readonly string[]): Promise<Response> {
  return stream.offer(lines.join("\n"));
}

async function told(stream: TestStream, user: string): Promise<unknown> {
  const socket = await stream.follow(user, "?since=0");
  const frame = await socket.until("events");
  await socket.close();
  return frame;
}

/** Follows, things told, a hole at which it stands, dead letters, and options. */
async function madeStream(): Promise<TestStream> {
  const stream = new TestStream();
  await request("PUT", stream.path, { body: { event_timeout_ms: -1, max_users: 7, retention_events: 100 } });
  await send(
    stream,
    "1|F|ann|bob",
    "2|S|bob",
    "3|P|bob|ann",
    "4|U|ann|bob",
    "5|S|bob",
    "6|F|ann|bob",
    "8|S|bob",
    "x",
    "9|Q",
  );
  await send(stream, "10|B", "2|S|bob");
  return stream;
}

describe("a stream's export", () => {
  it("[X1] [X3] imported is the same stream, in its answers and in what it tells", async () => {
    const stream = await madeStream();
    const { lines, pages } = await exportAll(`${stream.path}/export`);
    expect(pages).toBe(2);
    const streamed = (await exportText(`${stream.path}/export`)).trimEnd().split("\n");
    expect(split(streamed).records).toEqual(split(lines).records);

    const copy = new TestStream();
    expect(await importAll(`${copy.path}/import`, lines, 1)).toMatchObject({ identical: true });
    await copy.evict();
    expect(await copy.status()).toEqual(await stream.status());
    expect(await answer(request("GET", `${copy.path}/dead-letters`))).toEqual(
      await answer(request("GET", `${stream.path}/dead-letters`)),
    );
    expect(await told(copy, "ann")).toEqual(await told(stream, "ann"));
    for (const one of [stream, copy]) {
      expect(await answer(send(one, "7|P|bob|ann"))).toMatchObject({ cursor: 8, buffered: 1 });
    }
    expect(await told(copy, "ann")).toEqual(await told(stream, "ann"));
  });

  it("[T16] of a stream that was never written is refused, and creates nothing", async () => {
    const stream = new TestStream();
    await expectProblem(request("GET", `${stream.path}/export`), "not_found");
    expect(await stream.tables()).toEqual([]);
  });
});

describe("a stream's import", () => {
  it("[X5] goes on where it was cut, and until its end nobody writes or follows", async () => {
    const stream = await madeStream();
    const { header, records, end } = split((await exportAll(`${stream.path}/export`)).lines);
    const copy = new TestStream();
    const early = await openSocket(`${copy.path}/users/ann/live`);
    await answer(importPart(`${copy.path}/import`, [header, ...records.slice(0, -1)]));
    expect((await early.closed).code).toBeGreaterThan(0);
    await copy.evict();
    await expectProblem(send(copy, "11|B"), "overloaded");
    await expectProblem(request("PUT", copy.path, { body: {} }), "overloaded");
    for (const role of ["source", "gateway", "users/ann/live"]) {
      await expectProblem(request("GET", `${copy.path}/${role}`, { headers: { Upgrade: "websocket" } }), "overloaded");
    }
    expect(await answer(importPart(`${copy.path}/import`, [header]))).toEqual({
      taken: records.length - 1,
      identical: null,
    });
    const last = await answer(importPart(`${copy.path}/import`, [header, ...records.slice(1), end], 1));
    expect(last).toEqual({ taken: records.length, identical: true });
    expect(await copy.status()).toEqual(await stream.status());
    expect(await answer(importPart(`${copy.path}/import`, [header, ...records, end]))).toEqual(last);
  });

  it("[X5] skips no hole before it is whole, however long that takes", async () => {
    const stream = new TestStream();
    await request("PUT", stream.path, { body: { event_timeout_ms: 60_000 } });
    await send(stream, "1|B", "3|B");
    const { lines } = await exportAll(`${stream.path}/export`);
    const { header, records, end } = split(lines);
    const copy = new TestStream();
    await answer(importPart(`${copy.path}/import`, [header, ...records.slice(0, -1)]));
    await copy.evict();
    await runInDurableObject(copy.stub, async (object) => {
      const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000);
      await object.alarm();
      clock.mockRestore();
    });
    const last = [header, records.at(-1)!, end];
    expect(await answer(importPart(`${copy.path}/import`, last, records.length - 1))).toMatchObject({
      identical: true,
    });
    expect(await copy.status()).toMatchObject({ cursor: 1, buffered: 1 });
  });

  it("[X4] into what was written is refused, and what makes no sense changes nothing", async () => {
    const [stream, other] = [await madeStream(), await madeStream()];
    const { header, records } = split((await exportAll(`${stream.path}/export`)).lines);
    await expectProblem(importPart(`${other.path}/import`, [header, ...records]), "conflict");
    const copy = new TestStream();
    const importLine = (line: string) => importPart(`${copy.path}/import`, [header, line]);
    await expectProblem(importLine("{}"), "invalid_request", "[1]");
    await expectProblem(importLine('{"gaps":[1,2],"graph":"x"}'), "invalid_request", "[1]");
    await expectProblem(
      importLine(`{"gaps":${JSON.stringify(Array.from({ length: 20_001 }, () => 1))}}`),
      "payload_too_large",
      "[1].gaps",
    );
    await expectProblem(importLine(`{"graph":"${"x".repeat(650_001)}"}`), "invalid_request", "[1].graph");
    expect(await copy.tables()).toEqual([]);
    expect(
      await answer(importLine(`{"gaps":${JSON.stringify(Array.from({ length: 20_000 }, () => 1))}}`)),
    ).toMatchObject({
      taken: 1,
    });
  });

  it("[X6] says so when it was written after its end; [X5] erased, it can be begun again", async () => {
    const stream = await madeStream();
    const { lines } = await exportAll(`${stream.path}/export`);
    const copy = new TestStream();
    await importAll(`${copy.path}/import`, lines);
    await send(copy, "7|B");
    const { header, records, end } = split(lines);
    expect(await answer(importPart(`${copy.path}/import`, [header, end], records.length))).toMatchObject({
      identical: false,
    });
    await request("DELETE", copy.path);
    expect(await copy.tables()).toEqual([]);
    expect(await importAll(`${copy.path}/import`, lines)).toMatchObject({ identical: true });
  });
});
