/**
 * The viewers of one object, whatever its feature: brings them up to date, tells them of changes, takes their writes.
 *
 * - Changes are coalesced: at rest a frame leaves at once, under load at most one round of frames an interval, which
 *   grows with the number of viewers, since sending a frame is what costs.
 * - A viewer that shows no sign of life for all that was sent to it is passed over. It lacks nothing by that, for its
 *   next frame covers all it missed; if it stays silent it is closed with 1013 and may resume from its position.
 * - Positions are kept with the sockets, so the viewers stay connected while the object hibernates.
 */
import { limits } from "../../protocol/limits.ts";
import { problemBody } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import { problemResponse } from "../respond.ts";
import { EventStream } from "./event-stream.ts";
import type { Feed, Step } from "./feed.ts";
import { Viewer } from "./viewer.ts";

/** The shortest time between two rounds of frames. */
const FLUSH_INTERVAL_MS_MIN = 50;
/** Frames a second that one object may spend its processor on; the interval adapts to the number of viewers. */
const FRAMES_PER_S_MAX = 12_000;
/** Between two pages of a viewer that catches up, so that writes get their turn. */
const CATCH_UP_INTERVAL_MS = 5;
/** Between two looks whether viewers that were passed over have come back. */
const FULL_INTERVAL_MS = 1_000;

const CLOSE_NORMAL = 1000;
/** What a close frame without a code is reported as; it can't be sent. */
const CLOSE_WITHOUT_CODE = 1005;
const CLOSE_TOO_LARGE = 1009;
const CLOSE_TOO_SLOW = 1013;
const RETRY_AFTER_S = 5;

/** Carries out the body of a `write` frame; what it returns is the `ack`. */
type Write = (body: unknown) => Promise<Result<object>>;

export class LiveHub {
  readonly #ctx: DurableObjectState;
  readonly #feed: Feed;
  readonly #write: Write;
  readonly #viewers = new Map<WebSocket, Viewer>();
  readonly #streams = new Set<EventStream>();
  #flushedMs = 0;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState, feed: Feed, write: Write) {
    this.#ctx = ctx;
    this.#feed = feed;
    this.#write = write;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    for (const socket of ctx.getWebSockets()) this.#viewers.set(socket, Viewer.restore(ctx, socket));
  }

  /** Connects a viewer of `topic` by WebSocket or, if the request doesn't upgrade, by event stream. */
  connect(request: Request, topic: string, since: string | undefined): Response {
    const position = since === undefined ? undefined : this.#feed.parsePosition(since);
    if (position?.ok === false) return problemResponse(request, position.problem);
    return request.headers.get("Upgrade") === null
      ? this.#connectStream(request, topic, position?.value)
      : this.#connectSocket(request, topic, position?.value);
  }

  /** What is followed at the moment. */
  topics(): ReadonlySet<string> {
    const topics = new Set<string>();
    for (const viewer of this.#viewers.values()) topics.add(viewer.topic);
    for (const stream of this.#streams) topics.add(stream.topic);
    return topics;
  }

  /** Something changed: tells the viewers, now or as soon as the interval allows. */
  publish(): void {
    if (this.#viewers.size === 0 && this.#streams.size === 0) return;
    const intervalMs = Math.max(FLUSH_INTERVAL_MS_MIN, (this.#viewers.size / FRAMES_PER_S_MAX) * 1000);
    this.#flushIn(this.#flushedMs + intervalMs - Date.now());
  }

  /** Handles a message of a viewer. */
  async receive(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const viewer = this.#viewers.get(socket);
    if (viewer === undefined) return;
    viewer.heard();
    if (viewer.position !== this.#feed.head(viewer.topic)) this.publish();

    const size = typeof message === "string" ? message.length : message.byteLength;
    if (size > limits.bodyBytesMax) return this.#close(socket, CLOSE_TOO_LARGE, "a message must be at most 4 MiB");
    const frame = parseFrame(message);
    if (frame === undefined) {
      return this.#refuse(socket, viewer, null, invalid("message", "must be a JSON object with a type"));
    }
    if (frame["type"] === "seen") return;
    const { type, id = null, ...body } = frame;
    if (type !== "write") {
      return this.#refuse(socket, viewer, id, invalid("type", 'must be "write" or "seen"'));
    }
    const result = await this.#write(body);
    if (!result.ok) return this.#refuse(socket, viewer, id, result.problem);
    this.#send(socket, viewer, { type: "ack", id, ...result.value });
  }

  /** The viewer is closing its socket; the answer lets it see a clean end. */
  farewell(socket: WebSocket, code: number, reason: string): void {
    this.#close(socket, code === CLOSE_WITHOUT_CODE ? CLOSE_NORMAL : code, reason);
  }

  /** The viewer is gone. */
  leave(socket: WebSocket): void {
    this.#viewers.delete(socket);
  }

  #connectSocket(request: Request, topic: string, position: string | undefined): Response {
    if (this.#viewers.size >= limits.webSocketsMax) return this.#full(request);
    const { 0: client, 1: server } = new WebSocketPair();
    const viewer = Viewer.accept(this.#ctx, server, topic, position);
    this.#viewers.set(server, viewer);
    const step = this.#feed.step(topic, position);
    viewer.advance(toTexts(step), step);
    if (step.position !== this.#feed.head(topic)) this.#flushIn(CATCH_UP_INTERVAL_MS);
    return new Response(null, { status: 101, webSocket: client, headers: subprotocol(request) });
  }

  #connectStream(request: Request, topic: string, position: string | undefined): Response {
    if (this.#streams.size >= limits.eventStreamsMax) return this.#full(request);
    const stream = new EventStream(this.#feed, topic, position, (ended) => this.#streams.delete(ended));
    this.#streams.add(stream);
    return stream.response;
  }

  #full(request: Request): Response {
    const detail = "This object has as many viewers as it can serve.";
    return problemResponse(request, { code: "overloaded", detail, retryAfterS: RETRY_AFTER_S });
  }

  #flushIn(ms: number): void {
    if (this.#flushTimer !== undefined) return;
    if (ms <= 0) return this.#flush();
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      this.#flush();
    }, ms);
  }

  /** One round: every viewer that is behind gets one step, and viewers at the same position share its making. */
  #flush(): void {
    this.#flushedMs = Date.now();
    for (const stream of this.#streams) stream.wake();

    const steps = new Map<string, { readonly step: Step; readonly texts: readonly string[] }>();
    let behind = 0;
    let full = 0;
    const heads = new Map<string, string>();
    for (const [socket, viewer] of this.#viewers) {
      const head = heads.get(viewer.topic) ?? this.#feed.head(viewer.topic);
      heads.set(viewer.topic, head);
      if (viewer.position === head) continue;
      if (viewer.isFull()) {
        full += 1;
        if (viewer.isStuck()) this.#close(socket, CLOSE_TOO_SLOW, "too slow; resume from the last offset");
        continue;
      }
      const key = `${viewer.position}\n${viewer.topic}`;
      let made = steps.get(key);
      if (made === undefined) {
        const step = this.#feed.step(viewer.topic, viewer.position);
        made = { step, texts: toTexts(step) };
        steps.set(key, made);
      }
      const { step, texts } = made;
      this.#guard(socket, () => viewer.advance(texts, step));
      if (step.position !== head) behind += 1;
    }
    if (behind > 0) this.#flushIn(CATCH_UP_INTERVAL_MS);
    else if (full > 0) this.#flushIn(FULL_INTERVAL_MS);
  }

  #refuse(socket: WebSocket, viewer: Viewer, id: unknown, problem: Problem): void {
    this.#send(socket, viewer, { ...problemBody(problem), type: "error", id });
  }

  #send(socket: WebSocket, viewer: Viewer, frame: object): void {
    this.#guard(socket, () => viewer.send(JSON.stringify(frame)));
  }

  #close(socket: WebSocket, code: number, reason: string): void {
    this.#guard(socket, () => socket.close(code, reason));
    this.leave(socket);
  }

  /** A socket that closed under our hands throws; its viewer is gone, the others are not concerned. */
  #guard(socket: WebSocket, act: () => void): void {
    try {
      act();
    } catch {
      this.leave(socket);
    }
  }
}

function toTexts(step: Step): readonly string[] {
  return step.frames.map((frame) => JSON.stringify(frame));
}

function invalid(path: string, message: string): Problem {
  return { code: "invalid_request", detail: `${path}: ${message}.`, errors: [{ path, message }] };
}

function parseFrame(message: string | ArrayBuffer): Readonly<Record<string, unknown>> | undefined {
  if (typeof message !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(message);
    return typeof frame === "object" && frame !== null && !Array.isArray(frame)
      ? (frame as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A client that names subprotocols needs one of them confirmed; the others carry its token. */
function subprotocol(request: Request): Readonly<Record<string, string>> {
  const named = (request.headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());
  return named.includes("weir") ? { "Sec-WebSocket-Protocol": "weir" } : {};
}
