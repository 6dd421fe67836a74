/**
 * The state of a stream as this page asks for it, once a second: a stream tells its users live, but of itself only when it
 * is asked. To whoever looks it is a connection like any other, that is lost and comes back.
 */
import { WeirError } from "../../client/index.ts";
import type { ConnectionStateKind, StreamHandle } from "../../client/index.ts";
import type { StatusAnswer } from "../../protocol/streams.ts";
import { RateMeter } from "../rate-meter.ts";

export const ASK_MS = 1_000;
/** After a failure, the longest wait before asking again. */
export const ASK_AGAIN_MS_MAX = 15_000;

export interface StreamWatchOptions {
  readonly nowMs: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** Something is to be drawn anew. */
  readonly changed: () => void;
}

export class StreamWatch {
  readonly #stream: Pick<StreamHandle, "status">;
  readonly #options: StreamWatchOptions;
  readonly #meter = new RateMeter();
  #kind: ConnectionStateKind = "idle";
  #state: StatusAnswer | undefined;
  #problem: string | undefined;
  #refusal: WeirError | undefined;
  #failures = 0;
  #reconnects = 0;
  #retryAtMs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  /** What was asked before it is of no more interest. */
  #asking = new AbortController();

  constructor(stream: Pick<StreamHandle, "status">, options: StreamWatchOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  get kind(): ConnectionStateKind {
    return this.#kind;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  get retryAtMs(): number | undefined {
    return this.#retryAtMs;
  }

  /** Why nobody with this token is told, while the kind is `refused`. */
  get refusal(): WeirError | undefined {
    return this.#kind === "refused" ? this.#refusal : undefined;
  }

  /** As it was last told; `undefined` until it was. */
  get state(): StatusAnswer | undefined {
    return this.#state;
  }

  /** Why it could not be had the last time, in a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Sequence numbers that the stream has passed, lately. */
  get perSecond(): number {
    return this.#meter.perSecond(this.#options.nowMs());
  }

  connect(): void {
    this.#cancel();
    this.#become(this.#state === undefined || this.#failures > 0 ? "connecting" : "live");
    void this.#ask(this.#asking.signal);
  }

  disconnect(): void {
    this.#cancel();
    this.#failures = 0;
    this.#meter.clear();
    this.#become("idle");
  }

  close(): void {
    this.#cancel();
    this.#kind = "closed";
  }

  /** Asks at once, since something is known to have happened. */
  refresh(): void {
    if (this.#kind === "live") this.connect();
  }

  async #ask(signal: AbortSignal): Promise<void> {
    try {
      const state = await this.#stream.status(signal);
      if (signal.aborted) return;
      this.#state = state;
      this.#problem = undefined;
      this.#failures = 0;
      this.#meter.push(state.cursor, this.#options.nowMs());
      this.#become("live");
      this.#askIn(ASK_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof WeirError)) throw error;
      this.#failed(error, signal);
    }
  }

  #failed(error: WeirError, signal: AbortSignal): void {
    this.#failures += 1;
    this.#problem = error.detail;
    this.#meter.clear();
    if (error.code === "unauthorized" || error.code === "forbidden") {
      this.#refusal = error;
      this.#become("refused");
      return;
    }
    const ms = Math.min(ASK_AGAIN_MS_MAX, ASK_MS * 2 ** (this.#failures - 1));
    this.#become("waiting");
    this.#retryAtMs = this.#options.nowMs() + ms;
    this.#askIn(ms, signal);
  }

  #askIn(ms: number, signal: AbortSignal): void {
    this.#cancelTimer = this.#options.setTimer(ms, () => {
      if (this.#kind === "waiting") {
        this.#reconnects += 1;
        this.#become("connecting");
      }
      void this.#ask(signal);
    });
  }

  #become(kind: ConnectionStateKind): void {
    this.#kind = kind;
    this.#retryAtMs = undefined;
    this.#options.changed();
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#asking.abort();
    this.#asking = new AbortController();
  }
}
