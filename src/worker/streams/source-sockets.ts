/**
 * Sources on sockets of their own: lines in, acknowledgements out. How each stands outlives hibernation with its socket.
 *
 * Lines are limited by credit. Messages without any are counted, and a source that sends too many of them is sent away.
 */
import { countLines } from "../../core/streams/line.ts";
import type { Taken } from "../../core/streams/ordered-stream.ts";
import type { SourceFigures } from "../../core/streams/source-credit.ts";
import type { AckFigures, SourceAck } from "../../protocol/stream-frames.ts";
import type { AlarmClock } from "../alarm-clock.ts";
import { Backlog } from "../live/backlog.ts";
import {
  CLOSE_GOING_AWAY,
  CLOSE_POLICY,
  CLOSE_RESTART,
  CLOSE_TOO_LARGE,
  CLOSE_UNSUPPORTED,
  closeCodeFor,
  RESTART_REASON,
} from "../live/close-codes.ts";
import type { LiveLimits } from "../live/live-limits.ts";
import { MessageMeter, TOO_MANY_REASON } from "../live/message-meter.ts";
import { isTooLarge, TOO_LARGE_REASON } from "../live/message-size.ts";
import { EXPIRED_REASON, TokenEnds } from "../live/token-ends.ts";
import { Unanswered } from "../live/unanswered.ts";
import { confirmedProtocol, viewerRights } from "../live/viewer-rights.ts";
import type { StreamSource, StreamSources } from "./stream-sources.ts";

const SOURCE_TAG = "source";

interface Attachment {
  readonly figures: SourceFigures;
  readonly heardMs: number;
  /** When its token ends. */
  readonly expiresMs?: number | undefined;
}

/** One turn of the stream; it ends with everyone being told. */
export type TakeLines = (text: string) => Taken;

export class SourceSockets {
  readonly #ctx: DurableObjectState;
  readonly #sources: StreamSources;
  readonly #take: TakeLines;
  readonly #sockets = new Map<WebSocket, SocketSource>();
  readonly #ends: TokenEnds<SocketSource>;
  readonly #limits: LiveLimits;
  readonly #backlog: Backlog;

  /** @param alarm rings when {@link expiryDueMs} says so; then the object calls {@link closeExpired} */
  constructor(
    ctx: DurableObjectState,
    sources: StreamSources,
    take: TakeLines,
    alarm: Pick<AlarmClock, "set">,
    limits: LiveLimits,
  ) {
    this.#ctx = ctx;
    this.#limits = limits;
    this.#backlog = new Backlog(limits);
    this.#sources = sources;
    this.#take = take;
    this.#ends = new TokenEnds(alarm);
    for (const socket of ctx.getWebSockets(SOURCE_TAG)) {
      const { figures, heardMs, expiresMs } = socket.deserializeAttachment() as Attachment;
      const source = this.#add(socket, heardMs, expiresMs);
      this.#ends.restore(source, expiresMs);
      sources.open(source, figures);
    }
  }

  get expiryDueMs(): number | undefined {
    return this.#ends.dueMs;
  }

  closeExpired(): void {
    for (const source of this.#ends.takeEnded()) this.#drop(source, CLOSE_POLICY, EXPIRED_REASON);
  }

  /** There must be a place for it. */
  connect(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [SOURCE_TAG]);
    const { expiresMs } = viewerRights(request);
    const source = this.#add(server, Date.now(), expiresMs);
    this.#ends.enter(source, expiresMs);
    this.#sources.open(source);
    source.acknowledge(this.#sources.ackOf(source));
    return new Response(null, { status: 101, webSocket: client, headers: confirmedProtocol(request) });
  }

  /** Answers whether the socket is a source's. */
  receive(socket: WebSocket, message: string | ArrayBuffer): boolean {
    const source = this.#sockets.get(socket);
    if (source === undefined) return false;
    source.heard();
    if (this.#ends.hasEnded(source)) this.#drop(source, CLOSE_POLICY, EXPIRED_REASON);
    else if (typeof message !== "string") this.#drop(source, CLOSE_UNSUPPORTED, "lines are sent as text");
    else if (isTooLarge(message)) this.#drop(source, CLOSE_TOO_LARGE, TOO_LARGE_REASON);
    else this.#takeLines(source, message);
    return true;
  }

  /** The source is closing its socket. What it sent before has been taken already. */
  farewell(socket: WebSocket, code: number, reason: string): boolean {
    const source = this.#sockets.get(socket);
    if (source === undefined) return false;
    this.#drop(source, closeCodeFor(code), reason);
    return true;
  }

  /** Everything is over. */
  dismiss(): void {
    for (const source of this.#sockets.values()) this.#drop(source, CLOSE_RESTART, RESTART_REASON);
  }

  #takeLines(source: SocketSource, text: string): void {
    const lines = countLines(text);
    if (lines > this.#sources.credit(source)) {
      return this.#drop(source, CLOSE_POLICY, "more lines were sent than there was credit for");
    }
    if (lines === 0 && source.meter.admit(Date.now()).kind !== "taken") {
      return this.#drop(source, CLOSE_POLICY, TOO_MANY_REASON);
    }
    // The figures are kept with the socket, so they are up to date before anybody can be told.
    this.#sources.took(source, this.#take(text));
    source.acknowledge(this.#sources.ackOf(source));
  }

  #add(socket: WebSocket, heardMs: number, expiresMs: number | undefined): SocketSource {
    const unanswered = new Unanswered(this.#ctx, socket, this.#limits, this.#backlog);
    const meter = new MessageMeter(this.#limits.messagesPerMinute);
    const source = new SocketSource({ socket, unanswered, meter, heardMs, expiresMs, sources: this.#sources }, () => {
      this.#drop(source, CLOSE_GOING_AWAY, "silent, and another source wants the place");
    });
    this.#sockets.set(socket, source);
    return source;
  }

  #drop(source: SocketSource, code: number, reason: string): void {
    this.#sockets.delete(source.socket);
    this.#sources.close(source);
    this.#ends.leave(source);
    source.unanswered.end();
    try {
      source.socket.close(code, reason);
    } catch {
      // It was closed already.
    }
  }
}

interface SocketSourceParts {
  readonly socket: WebSocket;
  readonly unanswered: Unanswered;
  readonly meter: MessageMeter;
  readonly heardMs: number;
  readonly expiresMs: number | undefined;
  readonly sources: StreamSources;
}

class SocketSource implements StreamSource {
  readonly socket: WebSocket;
  readonly unanswered: Unanswered;
  readonly meter: MessageMeter;
  readonly #sources: StreamSources;
  readonly #replace: () => void;
  readonly #expiresMs: number | undefined;
  #heardMs: number;

  constructor({ socket, unanswered, meter, heardMs, expiresMs, sources }: SocketSourceParts, replace: () => void) {
    this.socket = socket;
    this.unanswered = unanswered;
    this.meter = meter;
    this.#heardMs = heardMs;
    this.#expiresMs = expiresMs;
    this.#sources = sources;
    this.#replace = replace;
  }

  heard(): void {
    this.#heardMs = Date.now();
  }

  lastHeardMs(): number {
    return Math.max(this.#heardMs, this.unanswered.pingMs());
  }

  acknowledge(figures: AckFigures): void {
    const kept = this.#sources.figures(this);
    if (kept === undefined) return;
    const attachment: Attachment = { figures: kept, heardMs: this.#heardMs, expiresMs: this.#expiresMs };
    this.socket.serializeAttachment(attachment);
    try {
      this.socket.send(JSON.stringify({ type: "ack", ...figures } satisfies SourceAck));
    } catch {
      // It is closing, and its end will be told.
    }
  }

  replace(): void {
    this.#replace();
  }
}
