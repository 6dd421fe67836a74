/**
 * Server-Sent Events for one viewer. A frame is made only when the client takes it, so a slow client costs no memory:
 * what it missed meanwhile is coalesced into its next frame.
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
/** Comments keep proxies from closing a stream on which nothing happens, and find out that a client is gone. */
const KEEP_ALIVE = ": keep-alive\n\n";

export class EventStream {
  readonly response: Response;
  readonly #feed: Feed;
  readonly #topic: string;
  readonly #keepAliveMs: number;
  #position: string | undefined;
  #opened = false;
  #ended = false;
  #cancelled = false;
  #last: Frame | undefined;
  #wake: (() => void) | undefined;

  /** @param onEnd called when the client is gone, or nothing more can be sent to it */
  constructor(
    feed: Feed,
    topic: string,
    since: string | undefined,
    keepAliveMs: number,
    onEnd: (stream: EventStream) => void,
  ) {
    this.#feed = feed;
    this.#topic = topic;
    this.#keepAliveMs = keepAliveMs;
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
    this.#wake?.();
  }

  /**
   * What to send next, once there is something; `undefined` when the client is gone. A pull that gave nothing would be
   * the last one, so it lasts that long.
   */
  async #next(): Promise<string | undefined> {
    if (!this.#opened) {
      this.#opened = true;
      return `retry: ${RECONNECT_MS}\n\n${this.#step()}`;
    }
    if (this.#ended) return undefined;
    for (;;) {
      if (this.#last !== undefined) {
        this.#ended = true;
        return stepEvents(this.#feed, this.#topic, { frames: [this.#last], position: this.#position ?? "" });
      }
      if (this.#feed.head(this.#topic, this.#position) !== this.#position) return this.#step();
      const woken = await this.#woken();
      if (this.#ended) return undefined;
      if (!woken) return KEEP_ALIVE;
    }
  }

  /** The next frames as events. */
  #step(): string {
    const step = this.#feed.step(this.#topic, this.#position);
    this.#position = step.position;
    if (step.isLast === true) this.#ended = true;
    return stepEvents(this.#feed, this.#topic, step);
  }

  /** Whether it was {@link wake} that ended the wait, and not the time to send a sign of life. */
  #woken(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (woken: boolean) => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(woken);
      };
      const timer = setTimeout(() => settle(false), this.#keepAliveMs);
      this.#wake = () => settle(true);
    });
  }
}
