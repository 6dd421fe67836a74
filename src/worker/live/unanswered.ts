/**
 * What waits for one client on a WebSocket. The platform doesn't say how much of what was sent still waits in memory, so
 * all that was sent since the client's last sign of life counts as waiting. A sign of life is any message, or a `ping`,
 * which is answered without waking the object.
 */
import type { Backlog } from "./backlog.ts";
import type { LiveLimits } from "./live-limits.ts";

export class Unanswered {
  readonly #ctx: DurableObjectState;
  readonly #socket: WebSocket;
  readonly #limits: LiveLimits;
  readonly #backlog: Backlog;
  readonly #acceptedMs = Date.now();
  #heardMs: number | undefined;
  #sentMs = 0;
  #chars = 0;
  #ended = false;

  constructor(ctx: DurableObjectState, socket: WebSocket, limits: LiveLimits, backlog: Backlog) {
    this.#ctx = ctx;
    this.#socket = socket;
    this.#limits = limits;
    this.#backlog = backlog;
    backlog.enter();
  }

  /** Whether enough waits already, so that the client should be passed over. */
  isFull(): boolean {
    if (this.#chars <= this.#backlog.charsMaxEach) return false;
    if (this.pingMs() > (this.#heardMs ?? this.#acceptedMs)) this.heard();
    return this.#chars > this.#backlog.charsMaxEach;
  }

  /** Whether it has been full for so long that the client won't come back. */
  isStuck(): boolean {
    const silenceMsMax = this.#heardMs === undefined ? this.#limits.firstSilenceMsMax : this.#limits.silenceMsMax;
    return this.isFull() && Date.now() - this.#sentMs > silenceMsMax;
  }

  sent(chars: number): void {
    this.#sentMs = Date.now();
    if (this.#ended) return;
    this.#chars += chars;
    this.#backlog.add(chars);
  }

  /** A sign of life came. */
  heard(): void {
    this.#backlog.remove(this.#chars);
    this.#chars = 0;
    this.#heardMs = Date.now();
  }

  /** The client is gone, or given up; the answer to its last write may still be sent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#backlog.leave(this.#chars);
    this.#chars = 0;
  }

  /** When the last sign of life came, in milliseconds since the Unix epoch. */
  lastHeardMs(): number {
    return Math.max(this.#heardMs ?? this.#acceptedMs, this.pingMs());
  }

  /** When the last `ping` came, in milliseconds since the Unix epoch; 0 if none did. */
  pingMs(): number {
    return this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime() ?? 0;
  }
}
