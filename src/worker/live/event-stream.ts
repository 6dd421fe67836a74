/**
 * Server-Sent Events for one viewer. A frame is made only when the client takes it, so a slow client costs no memory:
 * what it missed meanwhile is coalesced into its next frame.
 */
import type { Feed } from "./feed.ts";

/** Comments keep proxies from closing a stream on which nothing happens, and find out that a client is gone. */
const KEEP_ALIVE_MS = 20_000;
const RECONNECT_MS = 1_000;

export class EventStream {
  readonly response: Response;
  readonly #topic: string;
  #wake: (() => void) | undefined;

  /** @param onEnd called once, when the client is gone */
  constructor(feed: Feed, topic: string, since: string | undefined, onEnd: (stream: EventStream) => void) {
    this.#topic = topic;
    let position = since;
    let opened = false;
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (opened && feed.head(topic) === position && !(await this.#woken())) {
            return controller.enqueue(encoder.encode(": keep-alive\n\n"));
          }
          if (opened && feed.head(topic) === position) return;
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
        cancel: () => onEnd(this),
      },
      { highWaterMark: 0 },
    );
    this.response = new Response(body, {
      headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
    });
  }

  get topic(): string {
    return this.#topic;
  }

  /** Something may be new. */
  wake(): void {
    this.#wake?.();
  }

  /** Whether it was {@link wake} that ended the wait, and not the time to send a sign of life. */
  #woken(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (woken: boolean) => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(woken);
      };
      const timer = setTimeout(() => settle(false), KEEP_ALIVE_MS);
      this.#wake = () => settle(true);
    });
  }
}
