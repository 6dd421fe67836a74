/** A stream of a test's own, by the routes that clients use, and the object behind it. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { GatewayMessageInput, SourceAck } from "../../../src/protocol/stream-frames.ts";
import type {
  DeadLettersAnswer,
  IngestAnswer,
  StatusAnswer,
  StreamOptionsAnswer,
} from "../../../src/protocol/streams.ts";
import type { StreamObject } from "../../../src/worker/streams/stream-object.ts";
import { EventReader } from "./event-reader.ts";
import { LiveSocket } from "./live-socket.ts";
import { answer, request } from "./request.ts";
import { TestThing } from "./test-thing.ts";

/** Any frame on any of the sockets of a stream. */
export interface StreamFrame {
  readonly type: string;
  readonly id?: number;
  readonly ids?: readonly number[];
  readonly cursor?: number;
  readonly events?: readonly string[];
  readonly to?: readonly (readonly number[] | null)[];
  readonly replay?: readonly number[];
  readonly from?: number;
  readonly what?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly lines?: number;
  readonly credit?: number;
}

export class StreamSocket extends LiveSocket {
  async frame(): Promise<StreamFrame> {
    return JSON.parse(await this.nextText()) as StreamFrame;
  }

  /** Takes frames until one of `type` comes, which it answers. */
  async until(type: string): Promise<StreamFrame> {
    for (;;) {
      const frame = await this.frame();
      if (frame.type === type) return frame;
    }
  }

  /** All lines of frames up to one whose cursor is `cursor`; holes as `from-to`. */
  async toldUntil(cursor: number): Promise<readonly string[]> {
    const told: string[] = [];
    for (;;) {
      const frame = await this.frame();
      if (frame.type === "gap") told.push(`${frame.from}-${String(frame.to)}`);
      if (frame.type !== "events") continue;
      told.push(...(frame.events ?? []));
      if (frame.cursor === cursor) return told;
      expect(frame.cursor).toBeLessThan(cursor);
    }
  }

  async ack(): Promise<SourceAck> {
    const frame = await this.frame();
    expect(frame.type).toBe("ack");
    return frame as SourceAck;
  }

  tell(message: GatewayMessageInput): void {
    this.send(message);
  }
}

export class TestStream extends TestThing<StreamObject> {
  constructor(name?: string) {
    super("/streams", env.STREAMS, name);
  }

  configure(options: object, status = 201): Promise<StreamOptionsAnswer> {
    return answer(request("PUT", this.path, { body: options }), status);
  }

  offer(text: string): Promise<Response> {
    return request("POST", `${this.path}/events`, { body: text });
  }

  take(...lines: readonly string[]): Promise<IngestAnswer> {
    return answer(this.offer(lines.map((line) => `${line}\n`).join("")));
  }

  status(): Promise<StatusAnswer> {
    return answer(request("GET", this.path));
  }

  deadLetters(query = ""): Promise<DeadLettersAnswer> {
    return answer(request("GET", `${this.path}/dead-letters${query}`));
  }

  userPath(user: string, query = ""): string {
    return `${this.path}/users/${encodeURIComponent(user)}/live${query}`;
  }

  /** A viewer of one user; the frame that comes at once is still to be taken. */
  follow(user: string, query = ""): Promise<StreamSocket> {
    return this.connect(`/users/${encodeURIComponent(user)}/live${query}`);
  }

  async followEvents(user: string, query = "", headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
    const accept = { Accept: "text/event-stream", ...headers };
    return new EventReader(await request("GET", this.userPath(user, query), { headers: accept }));
  }

  source(): Promise<StreamSocket> {
    return this.connect("/source");
  }

  gateway(): Promise<StreamSocket> {
    return this.connect("/gateway");
  }

  async connect(rest: string): Promise<StreamSocket> {
    const response = await this.tryConnect(rest);
    if (response.status !== 101) throw new Error(`${response.status}: ${await response.text()}`);
    return new StreamSocket(response.webSocket!);
  }

  tryConnect(rest: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return request("GET", this.path + rest, { headers: { Upgrade: "websocket", ...headers } });
  }
}
