/**
 * Server-Sent Events for one viewer. A frame is made only when the client takes it, so a slow client costs no memory:
 * what it missed meanwhile is coalesced into its next frame. Ends when the token expires with which the viewer came.
 */
import { stepEvents } from "./feed.ts";
import type { Feed, Frame } from "./feed.ts";

export const EVENT_STREAM_HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

/** How soon browsers are to come back when the stream breaks off. */
const RECONNECT_MS = 1_000;
/**
 * Comments keep proxies from closing a stream on which nothing happens, and find out that a client is gone: to close a
 * connection is only to say that one has nothing to send, and so does a client that still listens. What is sent to one that doesn't
 * is reset, and then the stream is cancelled at once. A connection that is reset by itself needs no comment for that.
 */
const KEEP_ALIVE = ": keep-alive\n\n";

export interface EventStreamOptions {
  readonly topic: string;
  /** The position that the client holds. */
  readonly since: string | undefined;
  readonly keepAliveMs: number;
  /** When it is to end, in milliseconds since the Unix epoch. */
  readonly expiresMs?: number | undefined;
  /** Called when the client is gone, or nothing more can be sent to it. */
  readonly onEnd: (stream: EventStream) => void;
}

export class EventStream {
  readonly response: Response;
  readonly #feed: Feed;
  readonly #topic: string;
  readonly #keepAliveMs: number;
  readonly #expiresMs: number;
  #position: string | undefined;
  #opened = false;
  #ended = false;
  #cancelled = false;
  #last: Frame | undefined;
  #wake: ((woken: boolean) => void) | undefined;

  constructor(feed: Feed, { topic, since, keepAliveMs, expiresMs = Infinity, onEnd }: EventStreamOptions) {
    this.#feed = feed;
    this.#topic = topic;
    this.#keepAliveMs = keepAliveMs;
    this.#expiresMs = expiresMs;
    this.#position = since;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const text = await this.#next();
            if (text !== undefined) controller.enqueue(encoder.encode(text));
            if (!this.#ended || this.#cancelled) return;
            controller.close();
            onEnd(this);
          } catch (error) {
            // The stream breaks off, and nothing will cancel it any more.
            onEnd(this);
            throw error;
          }
        },
        cancel: () => {
          this.#ended = true;
          this.#cancelled = true;
          this.wake();
          onEnd(this);
        },
      },
      { highWaterMark: 0 },
    );
    this.response = new Response(body, { headers: EVENT_STREAM_HEADERS });
  }

  get topic(): string {
    return this.#topic;
  }

  /** Nothing more comes after `frame`. */
  dismiss(frame: Frame): void {
    this.#last = frame;
    this.wake();
  }

  /** Something may be new. */
  wake(): void {
    this.#wake?.(true);
  }

  /** Sends a sign of life now. */
  keepAlive(): void {
    this.#wake?.(false);
  }

  /**
   * What to send next, once there is something; `undefined` when the client is gone, or has had its time. A pull that gave
   * nothing would be the last one, so it lasts that long.
   */
  async #next(): Promise<string | undefined> {
    this.#expire();
    if (this.#ended) return undefined;
    for (;;) {
      if (this.#last !== undefined) {
        this.#ended = true;
        return stepEvents(this.#feed, this.#topic, { frames: [this.#last], position: this.#position ?? "" });
      }
      const head = this.#feed.head(this.#topic, this.#position);
      if (head !== undefined && (!this.#opened || head !== this.#position)) return this.#step();
      const woken = await this.#woken();
      this.#expire();
      if (this.#ended) return undefined;
      if (!woken) return KEEP_ALIVE;
    }
  }

  /** The next frames as events, after what is said once. */
  #step(): string {
    const opening = this.#opened ? "" : `retry: ${RECONNECT_MS}\n\n`;
    this.#opened = true;
    const step = this.#feed.step(this.#topic, this.#position);
    this.#position = step.position;
    if (step.isLast === true) this.#ended = true;
    return `${opening}${stepEvents(this.#feed, this.#topic, step)}`;
  }

  #expire(): void {
    if (Date.now() >= this.#expiresMs) this.#ended = true;
  }

  /** Whether it was {@link wake} that ended the wait, and not the time to send a sign of life, or to end. */
  #woken(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (woken: boolean) => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(woken);
      };
      const timer = setTimeout(() => settle(false), Math.min(this.#keepAliveMs, this.#expiresMs - Date.now()));
      this.#wake = settle;
    });
  }
}
