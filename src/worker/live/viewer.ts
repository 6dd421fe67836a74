/**
 * One viewer on a hibernating WebSocket: what it follows, how far it is, and whether it keeps up.
 *
 * The platform doesn't say how much of what was sent still waits in memory, so all that was sent since the viewer's last
 * sign of life counts as waiting. A sign of life is any message, or a `ping`, which is answered without waking the object.
 */
import type { Step } from "./feed.ts";
import type { LiveLimits } from "./live-limits.ts";
import type { ViewerRights } from "./viewer-rights.ts";

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
  readonly #ctx: DurableObjectState;
  readonly #socket: WebSocket;
  readonly #limits: LiveLimits;
  #position: string | undefined;
  readonly #acceptedMs = Date.now();
  #heardMs: number | undefined;
  #sentMs = 0;
  #unansweredChars = 0;

  private constructor(
    ctx: DurableObjectState,
    socket: WebSocket,
    seat: Seat,
    position: string | undefined,
    limits: LiveLimits,
  ) {
    this.#ctx = ctx;
    this.#socket = socket;
    this.#limits = limits;
    this.seat = seat;
    this.#position = position;
  }

  static accept(
    ctx: DurableObjectState,
    socket: WebSocket,
    seat: Seat,
    position: string | undefined,
    limits: LiveLimits,
  ): Viewer {
    ctx.acceptWebSocket(socket);
    return new Viewer(ctx, socket, seat, position, limits);
  }

  /** A viewer whose socket outlived the object that accepted it. */
  static restore(ctx: DurableObjectState, socket: WebSocket, limits: LiveLimits): Viewer {
    const { position, ...seat } = socket.deserializeAttachment() as Attachment;
    return new Viewer(ctx, socket, seat, position, limits);
  }

  get position(): string | undefined {
    return this.#position;
  }

  /** Whether enough waits for it already, so that it should be passed over. */
  isFull(): boolean {
    if (this.#unansweredChars <= this.#limits.unansweredCharsMax) return false;
    const pingMs = this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime() ?? 0;
    if (pingMs > (this.#heardMs ?? this.#acceptedMs)) this.heard();
    return this.#unansweredChars > this.#limits.unansweredCharsMax;
  }

  /** Whether it has been full for so long that it won't come back. */
  isStuck(): boolean {
    const silenceMsMax = this.#heardMs === undefined ? this.#limits.firstSilenceMsMax : this.#limits.silenceMsMax;
    return this.isFull() && Date.now() - this.#sentMs > silenceMsMax;
  }

  /** Sends the texts of a step, and remembers how far it brings the viewer. */
  advance(texts: readonly string[], step: Step): void {
    for (const text of texts) this.send(text);
    this.#position = step.position;
    this.#socket.serializeAttachment({ ...this.seat, position: step.position } satisfies Attachment);
  }

  send(text: string): void {
    this.#socket.send(text);
    this.#unansweredChars += text.length;
    this.#sentMs = Date.now();
  }

  /** A sign of life came. */
  heard(): void {
    this.#unansweredChars = 0;
    this.#heardMs = Date.now();
  }
}
