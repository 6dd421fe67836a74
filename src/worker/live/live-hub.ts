/**
 * The viewers of one object, whatever its feature: brings them up to date, tells them of changes, takes their writes.
 *
 * - Changes are coalesced: at rest a frame leaves at once, under load at most one round of frames an interval, which
 *   grows with the number of viewers, since sending a frame is what costs.
 * - A viewer that shows no sign of life for all that was sent to it is passed over. It lacks nothing by that, for its
 *   next frame covers all it missed; if it stays silent it is closed with 1013 and may resume from its position.
 * - Positions are kept with the sockets, so the viewers stay connected while the object hibernates.
 * - A viewer that sends more messages than it may is told so, and closed with 1008 if it goes on.
 * - A viewer whose token has expired is told nothing more, and nothing more is taken from it: it is closed with 1008.
 */
import { parseJson } from "../../protocol/parse-json.ts";
import { problemBody, refuse } from "../../protocol/problem.ts";
import type { Problem, Result } from "../../protocol/problem.ts";
import type { AlarmClock } from "../alarm-clock.ts";
import { logError } from "../log.ts";
import { logObjectEvent } from "../operations/object-events.ts";
import { viewerCensus } from "../operations/viewer-census.ts";
import { problemResponse } from "../respond.ts";
import { Backlog } from "./backlog.ts";
import {
  CLOSE_FAULT,
  CLOSE_POLICY,
  CLOSE_RESTART,
  CLOSE_TOO_LARGE,
  CLOSE_TOO_SLOW,
  closeCodeFor,
  RESTART_REASON,
} from "./close-codes.ts";
import { EVENT_STREAM_HEADERS, EventStream } from "./event-stream.ts";
import { stepTexts } from "./feed.ts";
import type { Feed, Frame, Step } from "./feed.ts";
import type { LiveLimits } from "./live-limits.ts";
import { TOO_MANY_REASON } from "./message-meter.ts";
import { isTooLarge, TOO_LARGE_REASON } from "./message-size.ts";
import { Rounds } from "./rounds.ts";
import { EXPIRED_REASON, TokenEnds } from "./token-ends.ts";
import { confirmedProtocol, viewerRights } from "./viewer-rights.ts";
import { Viewer } from "./viewer.ts";
import { wantsSocket } from "./wants-live.ts";

const RETRY_AFTER_S = 5;
const MS_PER_S = 1_000;

const READ_ONLY: Problem = { code: "forbidden", detail: "This connection may read, but not write." };

/** Carries out the body of a `write` frame; what it returns is the `ack`. */
type Write = (body: unknown) => Promise<Result<object>>;

export class LiveHub {
  readonly #ctx: DurableObjectState;
  readonly #feed: Feed;
  readonly #write: Write;
  readonly #limits: LiveLimits;
  readonly #backlog: Backlog;
  readonly #viewers = new Map<WebSocket, Viewer>();
  readonly #ends: TokenEnds<WebSocket>;
  readonly #streams = new Set<EventStream>();
  #foundGoneMs = 0;
  readonly #rounds = new Rounds(() => this.#flush());

  /** @param alarm rings when {@link expiryDueMs} says so; then the object calls {@link closeExpired} */
  constructor(
    ctx: DurableObjectState,
    feed: Feed,
    write: Write,
    alarm: Pick<AlarmClock, "set">,
    liveLimits: LiveLimits,
  ) {
    this.#ctx = ctx;
    this.#feed = feed;
    this.#write = write;
    this.#ends = new TokenEnds(alarm);
    this.#limits = liveLimits;
    this.#backlog = new Backlog(liveLimits);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    for (const socket of Viewer.socketsOf(ctx)) {
      const viewer = Viewer.restore(ctx, socket, liveLimits, this.#backlog);
      this.#viewers.set(socket, viewer);
      this.#ends.restore(socket, viewer.seat.expiresMs);
      feed.entered?.(viewer.seat.topic);
    }
    this.#report();
    // A round of frames that was due when the object went away is made up for.
    if (this.#viewers.size > 0) this.#rounds.within(liveLimits.catchUpIntervalMs);
  }

  /**
   * Connects a viewer of `topic` by WebSocket or, if the request doesn't upgrade, by event stream; from where the request
   * says that it is, else from the beginning.
   */
  connect(request: Request, topic: string): Response {
    const since = resumedPosition(request);
    const position = since === undefined ? undefined : this.#feed.parsePosition(since);
    if (position?.ok === false) return problemResponse(request, position.problem);
    return wantsSocket(request)
      ? this.#connectSocket(request, topic, position?.value)
      : this.#connectStream(request, topic, position?.value);
  }

  /** What is followed at the moment. */
  topics(): ReadonlySet<string> {
    const topics = new Set<string>();
    for (const viewer of this.#viewers.values()) topics.add(viewer.seat.topic);
    for (const stream of this.#streams) topics.add(stream.topic);
    return topics;
  }

  /** Something changed: tells the viewers, now or as soon as the interval allows. */
  publish(): void {
    if (this.#viewers.size === 0 && this.#streams.size === 0) return;
    const { flushIntervalMsMin, framesPerSMax } = this.#limits;
    const intervalMs = Math.max(flushIntervalMsMin, (this.#viewers.size / framesPerSMax) * 1000);
    this.#rounds.next(intervalMs);
  }

  /** When the first of the tokens expires with which the viewers came; `undefined` if none of them does. */
  get expiryDueMs(): number | undefined {
    return this.#ends.dueMs;
  }

  /** Closes those whose tokens have expired. Answers how many that were. */
  closeExpired(): number {
    const ended = this.#ends.takeEnded();
    for (const socket of ended) this.#closeExpired(socket);
    return ended.length;
  }

  /** Handles a message of a viewer. */
  async receive(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const viewer = this.#viewers.get(socket);
    if (viewer === undefined) return;
    if (this.#ends.hasEnded(socket)) return this.#closeExpired(socket);
    viewer.unanswered.heard();
    if (viewer.position !== this.#feed.head(viewer.seat.topic, viewer.position)) this.publish();

    const admission = viewer.meter.admit(Date.now());
    if (admission.kind === "over") return this.#expel(socket, CLOSE_POLICY, TOO_MANY_REASON);
    if (isTooLarge(message)) return this.#expel(socket, CLOSE_TOO_LARGE, TOO_LARGE_REASON);
    const frame = parseFrame(message);
    if (frame?.["type"] === "seen") return;
    if (admission.kind === "refused") return this.#refuse(socket, viewer, frame?.["id"] ?? null, admission.problem);
    if (frame === undefined) {
      return this.#refuse(socket, viewer, null, invalid("message", "must be a JSON object with a type"));
    }
    const { type, id = null, ...body } = frame;
    if (type !== "write") {
      return this.#refuse(socket, viewer, id, invalid("type", 'must be "write" or "seen"'));
    }
    if (!viewer.seat.mayWrite) return this.#refuse(socket, viewer, id, READ_ONLY);
    const result = await this.#tryWrite(body);
    if (!result.ok) return this.#refuse(socket, viewer, id, result.problem);
    this.#send(socket, viewer, { type: "ack", id, ...result.value });
  }

  /** The viewer is closing its socket; the answer lets it see a clean end. */
  farewell(socket: WebSocket, code: number, reason: string): void {
    this.#close(socket, closeCodeFor(code), reason);
  }

  /** Everything is over: each viewer is sent `frame` and closed. */
  dismiss(frame: Frame): void {
    for (const [socket, viewer] of this.#viewers) {
      const texts = stepTexts(this.#feed, viewer.seat.topic, [frame]);
      this.#guard(socket, () => texts.forEach((text) => viewer.send(text)));
      this.#close(socket, CLOSE_RESTART, RESTART_REASON);
    }
    for (const stream of this.#streams) stream.dismiss(frame);
  }

  /** The viewer is gone. */
  leave(socket: WebSocket): void {
    const viewer = this.#viewers.get(socket);
    if (viewer === undefined) return;
    this.#viewers.delete(socket);
    this.#ends.leave(socket);
    viewer.unanswered.end();
    this.#feed.left?.(viewer.seat.topic);
    this.#report();
  }

  #connectSocket(request: Request, topic: string, position: string | undefined): Response {
    if (this.#viewers.size >= this.#limits.webSocketsMax) return this.#full(request);
    const { 0: client, 1: server } = new WebSocketPair();
    const rights = viewerRights(request);
    const viewer = Viewer.accept(this.#ctx, server, { topic, ...rights }, position, this.#limits, this.#backlog);
    this.#viewers.set(server, viewer);
    this.#ends.enter(server, rights.expiresMs);
    this.#feed.entered?.(topic);
    this.#report();
    const step = this.#feed.step(topic, position);
    viewer.advance(stepTexts(this.#feed, topic, step.frames), step);
    if (step.position !== this.#feed.head(topic, step.position)) this.#rounds.within(this.#limits.catchUpIntervalMs);
    return new Response(null, { status: 101, webSocket: client, headers: confirmedProtocol(request) });
  }

  #connectStream(request: Request, topic: string, position: string | undefined): Response {
    // Nobody will read the stream that a HEAD asks about.
    if (request.method === "HEAD") return new Response(null, { headers: EVENT_STREAM_HEADERS });
    const { eventStreamsMax, keepAliveMs } = this.#limits;
    if (this.#streams.size >= eventStreamsMax) {
      this.#findGone();
      return this.#full(request);
    }
    const onEnd = (ended: EventStream) => {
      if (!this.#streams.delete(ended)) return;
      this.#feed.left?.(topic);
      this.#report();
    };
    const { expiresMs } = viewerRights(request);
    const stream = new EventStream(this.#feed, { topic, since: position, keepAliveMs, expiresMs, onEnd });
    this.#streams.add(stream);
    this.#feed.entered?.(topic);
    this.#report();
    return stream.response;
  }

  #report(): void {
    viewerCensus.report(this.#ctx.id.toString(), { sockets: this.#viewers.size, streams: this.#streams.size });
  }

  /** Clients of event streams that are gone and not known to be; whoever is refused for them has a place when it comes again. */
  #findGone(): void {
    const nowMs = Date.now();
    if (nowMs < this.#foundGoneMs + RETRY_AFTER_S * MS_PER_S) return;
    this.#foundGoneMs = nowMs;
    for (const stream of this.#streams) stream.keepAlive();
  }

  #full(request: Request): Response {
    logObjectEvent(this.#ctx, "viewer refused", { sockets: this.#viewers.size, streams: this.#streams.size });
    const detail = "This object has as many viewers as it can serve.";
    return problemResponse(request, { code: "overloaded", detail, retryAfterS: RETRY_AFTER_S });
  }

  /** One round: every viewer that is behind gets one step, and viewers at the same position share its making. */
  #flush(): void {
    for (const stream of this.#streams) stream.wake();
    this.closeExpired();

    const steps = new Map<string, { readonly step: Step; readonly texts: readonly string[] }>();
    let behind = 0;
    let full = 0;
    const heads = new Map<string, string | undefined>();
    for (const [socket, viewer] of this.#viewers) {
      const { topic } = viewer.seat;
      const key = `${viewer.position}\n${topic}`;
      const head = heads.get(key) ?? this.#feed.head(topic, viewer.position);
      heads.set(key, head);
      if (head === undefined || viewer.position === head) continue;
      if (viewer.unanswered.isFull()) {
        full += 1;
        if (viewer.unanswered.isStuck()) this.#expel(socket, CLOSE_TOO_SLOW, "too slow; resume from the last offset");
        continue;
      }
      let made = steps.get(key);
      if (made === undefined) {
        const step = this.#feed.step(topic, viewer.position);
        made = { step, texts: stepTexts(this.#feed, topic, step.frames) };
        steps.set(key, made);
      }
      const { step, texts } = made;
      this.#guard(socket, () => viewer.advance(texts, step));
      if (step.isLast === true) this.#close(socket, CLOSE_RESTART, RESTART_REASON);
      else if (step.position !== head) behind += 1;
    }
    this.#feed.flushed?.();
    if (behind > 0) this.#rounds.within(this.#limits.catchUpIntervalMs);
    else if (full > 0) this.#rounds.within(this.#limits.fullIntervalMs);
  }

  /** A fault is logged, and answered like that of a request. */
  async #tryWrite(body: unknown): Promise<Result<object>> {
    try {
      return await this.#write(body);
    } catch (error) {
      logError(error);
      return refuse("internal", "Something went wrong here; it was logged.");
    }
  }

  #refuse(socket: WebSocket, viewer: Viewer, id: unknown, problem: Problem): void {
    this.#send(socket, viewer, { ...problemBody(problem), type: "error", id });
  }

  #send(socket: WebSocket, viewer: Viewer, frame: object): void {
    this.#guard(socket, () => viewer.send(JSON.stringify(frame)));
  }

  /** Closes a viewer that did not ask for it. */
  #expel(socket: WebSocket, code: number, reason: string): void {
    logObjectEvent(this.#ctx, "viewer closed", { code, sockets: this.#viewers.size });
    this.#close(socket, code, reason);
  }

  #closeExpired(socket: WebSocket): void {
    this.#close(socket, CLOSE_POLICY, EXPIRED_REASON);
  }

  #close(socket: WebSocket, code: number, reason: string): void {
    this.#guard(socket, () => socket.close(code, reason));
    this.leave(socket);
  }

  /** A viewer that can't be sent something must not go on as if nothing had been; mostly its socket is closed already. */
  #guard(socket: WebSocket, act: () => void): void {
    try {
      act();
    } catch {
      this.leave(socket);
      try {
        socket.close(CLOSE_FAULT, "something could not be sent; resume from the last offset");
      } catch {
        // It was closed already.
      }
    }
  }
}

/** Browsers that connect again repeat the address, whose `since` is where they began; the header says how far they came. */
function resumedPosition(request: Request): string | undefined {
  return request.headers.get("Last-Event-ID") || (new URL(request.url).searchParams.get("since") ?? undefined);
}

function invalid(path: string, message: string): Problem {
  return { code: "invalid_request", detail: `${path}: ${message}.`, errors: [{ path, message }] };
}

function parseFrame(message: string | ArrayBuffer): Readonly<Record<string, unknown>> | undefined {
  if (typeof message !== "string") return undefined;
  const frame = parseJson(message);
  return typeof frame === "object" && frame !== null && !Array.isArray(frame)
    ? (frame as Record<string, unknown>)
    : undefined;
}
