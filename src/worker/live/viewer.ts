/** One viewer on a hibernating WebSocket: what it follows, how far it is, and whether it keeps up. */
import type { Step } from "./feed.ts";
import type { Backlog } from "./backlog.ts";
import type { LiveLimits } from "./live-limits.ts";
import { MessageMeter } from "./message-meter.ts";
import { Unanswered } from "./unanswered.ts";
import type { ViewerRights } from "./viewer-rights.ts";

/** Tells viewers from the other sockets of an object. */
const VIEWER_TAG = "viewer";

/** What is settled when a viewer comes. */
export interface Seat extends ViewerRights {
  readonly topic: string;
}

/** What outlives hibernation with the socket. */
interface Attachment extends Seat {
  readonly position: string;
}

export class Viewer {
  readonly seat: Seat;
  readonly unanswered: Unanswered;
  readonly meter: MessageMeter;
  readonly #socket: WebSocket;
  #position: string | undefined;

  private constructor(
    ctx: DurableObjectState,
    socket: WebSocket,
    seat: Seat,
    position: string | undefined,
    limits: LiveLimits,
    backlog: Backlog,
  ) {
    this.#socket = socket;
    this.unanswered = new Unanswered(ctx, socket, limits, backlog);
    this.meter = new MessageMeter(limits.messagesPerMinute);
    this.seat = seat;
    this.#position = position;
  }

  static accept(
    ctx: DurableObjectState,
    socket: WebSocket,
    seat: Seat,
    position: string | undefined,
    limits: LiveLimits,
    backlog: Backlog,
  ): Viewer {
    ctx.acceptWebSocket(socket, [VIEWER_TAG]);
    return new Viewer(ctx, socket, seat, position, limits, backlog);
  }

  /** The sockets of all viewers of an object. */
  static socketsOf(ctx: DurableObjectState): readonly WebSocket[] {
    return ctx.getWebSockets(VIEWER_TAG);
  }

  /** A viewer whose socket outlived the object that accepted it. */
  static restore(ctx: DurableObjectState, socket: WebSocket, limits: LiveLimits, backlog: Backlog): Viewer {
    const { position, ...seat } = socket.deserializeAttachment() as Attachment;
    return new Viewer(ctx, socket, seat, position, limits, backlog);
  }

  get position(): string | undefined {
    return this.#position;
  }

  /** Sends the texts of a step, and remembers how far it brings the viewer. */
  advance(texts: readonly string[], step: Step): void {
    for (const text of texts) this.send(text);
    this.#position = step.position;
    this.#socket.serializeAttachment({ ...this.seat, position: step.position } satisfies Attachment);
  }

  send(text: string): void {
    this.#socket.send(text);
    this.unanswered.sent(text.length);
  }
}
