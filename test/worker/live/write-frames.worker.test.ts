import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { openSocket } from "../support/live-socket.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

describe("frames of a viewer", () => {
  it("write, and are acknowledged with what the POST would answer", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");
    viewer.send({ type: "write", id: 1, ops: [add("a", 1), add("a", 1)] });
    const { type, ...frame } = await viewer.next();
    const { elements: _, cursor: __, ...proof } = await set.read();
    expect({ type, ...frame }).toEqual({ type: "changes", ...proof, changes: [add("a", 1)], more: false });
    expect(await viewer.next()).toEqual({ type: "ack", id: 1, ...proof, verdicts: ["applied", "superseded"] });
    await viewer.close();
  });

  it.each([["a text"], [7], [1.5], [true], [null], [{ a: [1] }], [[1, "2"]], [""]])(
    "are answered with the same id, whatever JSON it is: %j",
    async (id) => {
      const viewer = await openSocket(`${new TestSet().path}/live`);
      await viewer.next("changes");
      viewer.send({ type: "write", id, ops: [] });
      expect(await viewer.next()).toMatchObject({ type: "ack", id, verdicts: [] });
      viewer.send({ type: "write", id, ops: [{}] });
      expect(await viewer.next()).toMatchObject({ type: "error", id, code: "invalid_request" });
      await viewer.close();
    },
  );

  it("with an id that can't be written back end the connection, rather than leave it deaf", async () => {
    const viewer = await openSocket(`${new TestSet().path}/live`);
    await viewer.next("changes");
    const depth = 1_000_000;
    viewer.socket.send(`{"type":"write","ops":[],"id":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    expect(await viewer.closed).toMatchObject({ code: 1011 });
  });

  it("[R4] are refused naming field and index, with nothing applied", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");
    viewer.send({ type: "write", id: "w", ops: [add("a", 1), add("", 1)] });
    const refusal = await viewer.next();
    expect(refusal).toMatchObject({ type: "error", id: "w", code: "invalid_request", status: 400 });
    expect(refusal.errors!.map((error) => error.path)).toEqual(["ops[1].element"]);
    viewer.send({ type: "write", ops: Array.from({ length: limits.batchEntriesMax + 1 }, () => add("a", 1)) });
    expect(await viewer.next()).toMatchObject({ type: "error", id: null, code: "payload_too_large" });
    expect(await set.tables()).toEqual([]);
    await viewer.close();
  });

  it.each([
    ["no JSON", "x"],
    ["an array", "[]"],
    ["null", "null"],
    ["without a type", '{"id":5}'],
    ["of an unknown type", '{"type":"read","id":5}'],
    ["bytes", new TextEncoder().encode('{"type":"write","id":5,"ops":[]}')],
  ])("that make no sense are refused, and the viewer stays: %s", async (_, message) => {
    const viewer = await openSocket(`${new TestSet().path}/live`);
    await viewer.next("changes");
    viewer.socket.send(message);
    const { type, code, id } = await viewer.next();
    const hasId = typeof message === "string" && message.includes("5");
    expect({ type, code, id }).toEqual({ type: "error", code: "invalid_request", id: hasId ? 5 : null });
    await viewer.expectNothingMore();
    await viewer.close();
  });

  it("that say what was seen are not answered", async () => {
    const viewer = await openSocket(`${new TestSet().path}/live`);
    await viewer.next("changes");
    viewer.send({ type: "seen" });
    await viewer.expectNothingMore();
    await viewer.close();
  });

  it("may be a ping, which is answered without waking the object", async () => {
    const set = new TestSet();
    const viewer = await openSocket(`${set.path}/live`);
    await viewer.next("changes");
    const before = Date.now();
    viewer.socket.send("ping");
    expect(await viewer.nextText()).toBe("pong");
    const answered = await runInDurableObject(set.stub, (_, ctx) =>
      ctx.getWebSocketAutoResponseTimestamp(ctx.getWebSockets()[0]!)!.getTime(),
    );
    expect(answered).toBeGreaterThanOrEqual(before);
    await viewer.close();
  });

  it("may have 4 MiB", async () => {
    const viewer = await openSocket(`${new TestSet().path}/live`);
    await viewer.next("changes");
    const frame = JSON.stringify({ type: "write", id: 1, ops: [] });
    viewer.socket.send(frame + " ".repeat(limits.bodyBytesMax - frame.length));
    expect(await viewer.next()).toMatchObject({ type: "ack", id: 1 });
    await viewer.close();
  });

  it.each([
    ["in bytes of ASCII", "x".repeat(limits.bodyBytesMax + 1)],
    ["in bytes, but not in characters", "é".repeat(limits.bodyBytesMax / 2) + "x"],
    ["in bytes", new Uint8Array(limits.bodyBytesMax + 1)],
  ])("of more than 4 MiB end the connection with 1009: %s", async (_, message) => {
    const viewer = await openSocket(`${new TestSet().path}/live`);
    await viewer.next("changes");
    viewer.socket.send(message);
    expect(await viewer.closed).toMatchObject({ code: 1009 });
  });

  it("[S3] of two viewers and posts meet in one state, which both see", async () => {
    const set = new TestSet();
    const viewers = await Promise.all([1, 2].map(() => openSocket(`${set.path}/live`)));
    for (const viewer of viewers) await viewer.next("changes");
    viewers[0]!.send({ type: "write", id: 1, ops: [add("a", 1)] });
    viewers[1]!.send({ type: "write", id: 1, ops: [remove("a", 2)] });
    await set.write(add("b", 1));
    for (const viewer of viewers) {
      while ((await viewer.next()).type !== "ack");
    }
    expect(await set.read()).toMatchObject({ elements: ["b"] });
    await Promise.all(viewers.map((viewer) => viewer.close()));
  });
});
