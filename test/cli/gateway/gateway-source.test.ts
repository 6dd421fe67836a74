/** How far a source of a gateway is read ahead, and when it has been silent for so long that its place may go. */
import { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { GatewaySource, KEPT_CHARS_MAX, SILENT_MS } from "../../../src/cli/gateway/gateway-source.ts";
import { HoldBack } from "../../../src/cli/gateway/hold-back.ts";

const LINE = `${"x".repeat(1_023)}\n`;

/** One that the stream has accepted, and that sends all it reads. */
function setUp() {
  const socket = new Socket();
  onTestFinished(() => void socket.destroy());
  const send = ({ outbox }: GatewaySource): void => {
    while (outbox.take(true) !== undefined);
  };
  const source = new GatewaySource({ id: 1, socket, hold: new HoldBack(), ready: send, log: () => {} });
  source.outbox.ack(0, Number.MAX_SAFE_INTEGER);
  source.accept();
  const hear = async (text: string): Promise<void> => {
    socket.emit("data", Buffer.from(text));
    for (let turns = 0; turns < 8; turns++) await turn();
  };
  return { socket, source, hear };
}

test("a source is read until so much is kept, and on once any of it is acknowledged", async () => {
  const { socket, source, hear } = setUp();
  await hear(LINE.repeat(KEPT_CHARS_MAX / LINE.length - 1));
  await hear(LINE.slice(1));
  expect([source.outbox.unsentChars, source.outbox.chars]).toEqual([0, KEPT_CHARS_MAX - 1]);
  expect(socket.isPaused()).toBe(false);
  source.outbox.ack(1, Number.MAX_SAFE_INTEGER);
  await hear(`x${LINE}`);
  expect([source.outbox.chars, socket.isPaused()]).toEqual([KEPT_CHARS_MAX, true]);
  source.acknowledged();
  expect(socket.isPaused()).toBe(true);
  source.outbox.ack(2, Number.MAX_SAFE_INTEGER);
  source.acknowledged();
  expect(socket.isPaused()).toBe(false);
});

test("a source is silent after so long without a word, and not while there is something of it to commit", async () => {
  let nowMs = 5;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  onTestFinished(() => clock.mockRestore());
  const { source, hear } = setUp();
  nowMs += SILENT_MS - 1;
  expect(source.isSilent).toBe(false);
  nowMs += 1;
  expect(source.isSilent).toBe(true);
  await hear(LINE);
  expect(source.isSilent).toBe(false);
  nowMs += SILENT_MS;
  expect(source.isSilent).toBe(false);
  source.outbox.ack(1, 1);
  expect(source.isSilent).toBe(true);
});
