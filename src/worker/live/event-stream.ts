/**
 * Server-Sent Events for one viewer. A frame is made only when the client takes it, so a slow client costs no memory:
 * what it missed meanwhile is coalesced into its next frame.
 */
import type { Feed } from "./feed.ts";

const RECONNECT_MS = 1_000;

export const EVENT_STREAM_HEADERS = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" } as const;

export class EventStream {
  readonly response: Response;
  readonly #topic: string;
  readonly #keepAliveMs: number;
  #wake: (() => void) | undefined;

  /** @param onEnd called once, when the client is gone */
  constructor(
    feed: Feed,
    topic: string,
    since: string | undefined,
    keepAliveMs: number,
    onEnd: (stream: EventStream) => void,
  ) {
    this.#topic = topic;
    this.#keepAliveMs = keepAliveMs;
    let position = since;
    let opened = false;
    let ended = false;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          // A pull that gives nothing would be the last one, so it lasts until there is something.
          if (opened && !(await this.#until(() => ended || feed.head(topic) !== position))) {
            return controller.enqueue(encoder.encode(": keep-alive\n\n"));
          }
          if (ended) return;
          const step = feed.step(topic, position);
          const preamble = opened ? "" : `retry: ${RECONNECT_MS}\n\n`;
          opened = true;
          position = step.position;
          const events = step.frames.map((frame, index) => {
            const isLast = index === step.frames.length - 1;
            return `${isLast ? `id: ${step.position}\n` : ""}data: ${JSON.stringify(frame)}\n\n`;
          });
          controller.enqueue(encoder.encode(preamble + events.join("")));
        },
        cancel: () => {
          ended = true;
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

  /** Something may be new. */
  wake(): void {
    this.#wake?.();
  }

  /** Waits until `isReady`. `false`: it is time to send a sign of life. */
  async #until(isReady: () => boolean): Promise<boolean> {
    while (!isReady()) {
      if (!(await this.#woken())) return false;
    }
    return true;
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
