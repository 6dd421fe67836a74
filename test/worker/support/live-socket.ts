/** A viewer on a WebSocket: keeps the frames that come until the test takes them. */
import { expect } from "vitest";
import { request } from "./request.ts";
import type { Change, Replica } from "./replica.ts";

export interface Frame {
  readonly type: string;
  readonly id?: unknown;
  readonly offset: string;
  readonly size: number;
  readonly digest: string;
  readonly changes: readonly Change[];
  readonly more: boolean;
  readonly code?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export interface Close {
  readonly code: number;
  readonly reason: string;
}

export class LiveSocket {
  readonly socket: WebSocket;
  /** All text that came, in order; `pong` is not JSON. */
  readonly texts: string[] = [];
  readonly closed: Promise<Close>;
  #taken = 0;
  #arrived: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.addEventListener("message", ({ data }) => {
      this.texts.push(String(data));
      this.#arrived();
    });
    socket.accept();
  }

  /** The next text that was not taken yet. The test's time limit is what ends a wait in vain. */
  async nextText(): Promise<string> {
    while (this.#taken === this.texts.length) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.texts[this.#taken++]!;
  }

  async next(type?: string): Promise<Frame> {
    const frame = JSON.parse(await this.nextText()) as Frame;
    if (type !== undefined) expect(frame).toMatchObject({ type });
    return frame;
  }

  /** Takes frames into `replica` until it is at `offset`; answers how many frames that took. */
  async follow(replica: Replica, offset: string): Promise<number> {
    for (let frames = 1; ; frames++) {
      const frame = await this.next();
      if (frame.type === "reset") replica.reset();
      if (frame.type === "changes") await replica.take(frame);
      if (replica.offset === offset) return frames;
    }
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  async close(code = 1000): Promise<Close> {
    this.socket.close(code, "done");
    return this.closed;
  }

  /** All that was sent is taken: the answer to an empty write comes after it. */
  async expectNothingMore(): Promise<void> {
    this.send({ type: "write", id: "fence", ops: [] });
    expect(await this.next()).toMatchObject({ type: "ack", id: "fence" });
  }
}

export async function openSocket(path: string, headers: Readonly<Record<string, string>> = {}): Promise<LiveSocket> {
  const response = await request("GET", path, { headers: { Upgrade: "websocket", ...headers } });
  expect(response.status).toBe(101);
  return new LiveSocket(response.webSocket!);
}
