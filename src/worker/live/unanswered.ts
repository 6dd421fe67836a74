/**
 * What waits for one client on a WebSocket. The platform doesn't say how much of what was sent still waits in memory, so
 * all that was sent since the client's last sign of life counts as waiting. A sign of life is any message, or a `ping`,
 * which is answered without waking the object.
 */
import type { LiveLimits } from "./live-limits.ts";

export class Unanswered {
  readonly #ctx: DurableObjectState;
  readonly #socket: WebSocket;
  readonly #limits: LiveLimits;
  readonly #acceptedMs = Date.now();
  #heardMs: number | undefined;
  #sentMs = 0;
  #chars = 0;

  constructor(ctx: DurableObjectState, socket: WebSocket, limits: LiveLimits) {
    this.#ctx = ctx;
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Whether enough waits already, so that the client should be passed over. */
  isFull(): boolean {
    if (this.#chars <= this.#limits.unansweredCharsMax) return false;
    if (this.pingMs() > (this.#heardMs ?? this.#acceptedMs)) this.heard();
    return this.#chars > this.#limits.unansweredCharsMax;
  }

  /** Whether it has been full for so long that the client won't come back. */
  isStuck(): boolean {
    const silenceMsMax = this.#heardMs === undefined ? this.#limits.firstSilenceMsMax : this.#limits.silenceMsMax;
    return this.isFull() && Date.now() - this.#sentMs > silenceMsMax;
  }

  sent(chars: number): void {
    this.#chars += chars;
    this.#sentMs = Date.now();
  }

  /** A sign of life came. */
  heard(): void {
    this.#chars = 0;
    this.#heardMs = Date.now();
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
