/**
 * Events in shuffled order from a source that sends again from its last acknowledgement, to users who resume from their
 * cursors, while the server is killed three times: each user's lines must be complete, in order, once.
 *
 * `WEIR_LOAD_STREAM_EVENTS` makes it larger.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../src/cli/seeded-random.ts";
import { StreamModel } from "../core/streams/stream-model.ts";
import { startServer } from "../support/server.ts";

const EVENTS = Number(process.env["WEIR_LOAD_STREAM_EVENTS"] ?? 20_000);
const USERS = Array.from({ length: 8 }, (_, index) => `u${index}`);
const BATCH = 200;
const DISTANCE = 500;
const KILLS_AT = [0.2, 0.5, 0.8];

function makeLines(random: () => number): readonly string[] {
  const user = () => USERS[Math.floor(random() * USERS.length)]!;
  return Array.from({ length: EVENTS }, (_, index) => {
    const type = "BFUPSFPS".charAt(Math.floor(random() * 8));
    const rest = type === "B" ? "" : type === "S" ? `|${user()}` : `|${user()}|${user()}`;
    return `${index + 1}|${type}${rest}`;
  });
}

/** Sends batches until each is acknowledged, over HTTP, whatever happens to the server. */
async function post(url: string, batches: readonly string[], onAck: (batch: number) => void): Promise<void> {
  for (const [index, body] of batches.entries()) {
    for (;;) {
      const response = await fetch(`${url}/events`, { method: "POST", body }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => {});
      if (response?.ok === true) break;
      if (response !== undefined && response.status < 429) throw new Error(`The answer was ${response.status}.`);
      await sleep(20);
    }
    onAck(index);
  }
}

/** Reads what a user is told until `cursor`, resuming from wherever a connection broke. */
class Listener {
  readonly told: string[] = [];
  cursor = 0;
  connections = 0;
  readonly done: Promise<void>;
  #isStopped = false;

  constructor(url: string, user: string, end: number) {
    this.done = this.#listen(`${url.replace("http", "ws")}/users/${user}/live`, end);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #listen(url: string, end: number): Promise<void> {
    while (this.cursor < end && !this.#isStopped) {
      this.connections += 1;
      const socket = new WebSocket(`${url}?since=${this.cursor}`);
      await new Promise<void>((resolve) => {
        socket.addEventListener("close", () => resolve());
        socket.addEventListener("message", ({ data }) => {
          const frame = JSON.parse(String(data)) as { type: string; cursor: number; events: string[] };
          if (frame.type !== "events") throw new Error(`There was a ${frame.type}.`);
          this.told.push(...frame.events);
          this.cursor = frame.cursor;
          if (this.cursor >= end || this.#isStopped) socket.close();
        });
      });
      await sleep(10);
    }
  }
}

test(
  "[T17] [T28] every user is told everything in order, once, through three kills",
  { timeout: 120_000 },
  async () => {
    const random = seededRandom(7);
    const lines = [...makeLines(random), `${EVENTS + 1}|B`];
    const model = new StreamModel(-1, USERS);
    model.take(lines, 0);
    const batches: string[] = [];
    const shuffled = lines
      .map((line, index) => ({ line, key: index + random() * DISTANCE }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ line }) => line);
    for (let at = 0; at < shuffled.length; at += BATCH) batches.push(shuffled.slice(at, at + BATCH).join("\n"));

    const server = await startServer();
    const url = `${server.url}/streams/maze`;
    await fetch(url, { method: "PUT", body: JSON.stringify({ event_timeout_ms: -1 }) });
    const listeners = USERS.map((user) => new Listener(url, user, EVENTS + 1));
    onTestFinished(() => listeners.forEach((listener) => listener.stop()));

    let acked = 0;
    const posted = post(url, batches, (batch) => (acked = batch));
    for (const share of KILLS_AT) {
      while (acked < share * batches.length) await sleep(5);
      await server.kill("SIGKILL");
      await server.restart();
    }
    await posted;
    await Promise.all(listeners.map((listener) => listener.done));
    for (const [index, user] of USERS.entries()) {
      const { told, connections } = listeners[index]!;
      expect(told.length, user).toBe(model.told.get(user)!.length);
      expect(told, user).toEqual(model.told.get(user));
      expect(connections).toBeGreaterThan(KILLS_AT.length);
    }
  },
);
