/** A source of lines, against a network by hand. */
import { describe, expect, it } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import type { StreamSourceOptions } from "../../../src/client/index.ts";
import { FakeRuntime } from "../../support/fake-runtime.ts";

function open(options: StreamSourceOptions = {}) {
  const runtime = new FakeRuntime();
  const source = new WeirClient({ url: "http://weir.test", runtime }).stream("s").source(options);
  const ack = (lines: number, credit: number, more: object = {}): void => {
    runtime.socket.say({ type: "ack", cursor: 0, buffered: 0, lines, duplicates: 0, dead_letters: 0, credit, ...more });
  };
  return { runtime, source, ack };
}

describe("a source", () => {
  it("connects with its first lines, sends within its credit, and resolves once they are committed", async () => {
    const { runtime, source, ack } = open();
    expect(runtime.sockets).toEqual([]);
    const sent = source.send(["1|B", "2|B", "3|B"]);
    expect(runtime.socket.url.pathname).toBe("/streams/s/source");
    runtime.socket.open();
    expect(runtime.socket.heard()).toEqual([]);
    ack(0, 2);
    expect(runtime.socket.heard()).toEqual(["1|B\n2|B\n"]);
    ack(2, 5, { cursor: 2 });
    expect(runtime.socket.heard()).toEqual(["3|B\n"]);
    expect(source.pending).toBe(1);
    ack(3, 5, { cursor: 3, buffered: 4, duplicates: 1 });
    expect(await sent).toEqual({ cursor: 3, buffered: 4, duplicates: 1, deadLetters: 0 });
    expect(await source.flush()).toBe(source.standing);
  });

  it("says nothing on its socket but lines and pings, however much it hears", () => {
    const { runtime, source, ack } = open();
    void source.send(["1|B"]);
    runtime.socket.open();
    ack(0, 10);
    for (let index = 0; index < 20_000; index++) ack(0, 10);
    runtime.pass(25_000);
    expect(runtime.socket.heard()).toEqual(["1|B\n", "ping"]);
  });

  it("sends again what was not acknowledged, and adds up what connections count", async () => {
    const { runtime, source, ack } = open();
    const sent = source.send(["1|B", "2|B", "3|B"]);
    runtime.socket.open();
    ack(0, 10);
    ack(1, 10, { duplicates: 1 });
    runtime.socket.cut();
    void source.send(["4|B"]);
    expect(runtime.sockets).toHaveLength(1);
    runtime.pass(250);
    runtime.socket.open();
    expect(runtime.socket.heard()).toEqual([]);
    ack(0, 10);
    expect(runtime.socket.heard()).toEqual(["2|B\n3|B\n4|B\n"]);
    ack(3, 10, { duplicates: 2, dead_letters: 1 });
    expect(await sent).toMatchObject({ duplicates: 3, deadLetters: 1 });
  });

  it("counts no empty lines, since the server does not", () => {
    const { runtime, source, ack } = open();
    void source.send(["", "1|B\n\n2|B\r", "\r"]);
    expect(source.pending).toBe(2);
    runtime.socket.open();
    ack(0, 10);
    expect(runtime.socket.heard()).toEqual(["1|B\n2|B\r\n"]);
  });

  it("is ready while half of what may wait does, and refuses what doesn't fit", async () => {
    const { runtime, source, ack } = open({ charsMax: 16 });
    const sent = source.send(["1|B", "2|B"]);
    await source.ready();
    const more = source.send(["3|B"]);
    let isReady = false;
    void source.ready().then(() => (isReady = true));
    void source.send(["4|B"]);
    await expect(source.send(["5|B"])).rejects.toMatchObject({ code: "overloaded" });
    runtime.socket.open();
    ack(0, 10);
    expect(isReady).toBe(false);
    ack(2, 10);
    await sent;
    expect(isReady).toBe(true);
    ack(3, 10);
    await more;
    await expect(source.send(["x".repeat(100)])).rejects.toMatchObject({ code: "overloaded" });
    ack(4, 10);
    void source.send(["x".repeat(100)]);
    expect(source.pending).toBe(1);
  });

  it("gives up a socket whose acknowledgements can't be, and tells who waits when it is closed", async () => {
    const { runtime, source, ack } = open();
    const sent = source.send(["1|B"]);
    runtime.socket.open();
    ack(1, 10);
    expect(runtime.socket.closedWith?.reason).toBe("fault");
    source.close();
    await expect(sent).rejects.toMatchObject({ code: "network" });
    await expect(source.send(["2|B"])).rejects.toMatchObject({ code: "network" });
    expect(runtime.timers).toBe(0);
  });
});
