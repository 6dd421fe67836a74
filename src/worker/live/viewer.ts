/**
 * One viewer on a hibernating WebSocket: what it follows, how far it is, and how much was sent to it since it last gave
 * a sign of life.
 *
 * The platform doesn't say how much of what was sent is still waiting in memory, so what a viewer has not yet shown to
 * be alive for counts as waiting. A sign of life is any message, or a `ping`.
 */
import type { Step } from "./feed.ts";

/** What outlives hibernation with the socket. */
interface Attachment {
  readonly topic: string;
  readonly position: string;
}

export class Viewer {
  readonly topic: string;
  readonly #ctx: DurableObjectState;
  readonly #socket: WebSocket;
  #position: string | undefined;
  #unansweredChars = 0;
  #heardMs: number;
  #sentMs: number;

  private constructor(ctx: DurableObjectState, socket: WebSocket, topic: string, position: string | undefined) {
    this.#ctx = ctx;
    this.#socket = socket;
    this.topic = topic;
    this.#position = position;
    this.#heardMs = this.#sentMs = Date.now();
  }

  static accept(ctx: DurableObjectState, socket: WebSocket, topic: string, position: string | undefined): Viewer {
    ctx.acceptWebSocket(socket);
    return new Viewer(ctx, socket, topic, position);
  }

  /** A viewer whose socket outlived the object that accepted it. */
  static restore(ctx: DurableObjectState, socket: WebSocket): Viewer {
    const { topic, position } = socket.deserializeAttachment() as Attachment;
    return new Viewer(ctx, socket, topic, position);
  }

  get position(): string | undefined {
    return this.#position;
  }

  /** Characters sent since the last sign of life. */
  get unansweredChars(): number {
    return this.#unansweredChars;
  }

  /** When something was last sent. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** Sends the texts of a step, and remembers how far it brings the viewer. */
  advance(texts: readonly string[], step: Step): void {
    for (const text of texts) this.send(text);
    this.#position = step.position;
    this.#socket.serializeAttachment({ topic: this.topic, position: step.position } satisfies Attachment);
  }

  send(text: string): void {
    this.#socket.send(text);
    this.#unansweredChars += text.length;
    this.#sentMs = Date.now();
  }

  /** A message came. */
  heard(): void {
    this.#unansweredChars = 0;
    this.#heardMs = Date.now();
  }

  /** Pings are answered without waking the object; this looks whether one came. */
  lookForPing(): void {
    const pingMs = this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime() ?? 0;
    if (pingMs > this.#heardMs) this.heard();
  }
}
