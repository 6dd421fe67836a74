/**
 * What a user is told, for `for await`: each event once and in order. Reconnects by itself and resumes after the last
 * number that was received, so nothing is lost and nothing comes twice.
 *
 * Who reads slowly is not buried: past a bound the connection is let go, and resumed when what waits has been read.
 */
import type { LiveConnection } from "../live/live-connection.ts";
import { isOfToken } from "../refusal.ts";
import type { WeirError, WeirErrorCode } from "../weir-error.ts";
import type { UserFrame } from "./stream-frames.ts";
import type { UserLiveOptions } from "./stream-handle.ts";

export type StreamNotification =
  /** To resume after it, give its `sequence` as `since`. */
  | { readonly kind: "event"; readonly sequence: number; readonly line: string }
  /** These numbers never came, both ends included. */
  | { readonly kind: "gap"; readonly from: number; readonly to: number }
  /** The stream was erased. What follows is from the beginning of the next one of its name. */
  | { readonly kind: "reset" };

export interface UserNotificationsOptions {
  /** The number after which to begin, 0 for the beginning; without it, from now on. */
  readonly since?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where in the stream the user is, though there was nothing to tell. */
  readonly onCursor?: ((cursor: number) => void) | undefined;
}

export interface NotificationLink {
  /** One that ends with a refusal that {@link isFinal}. */
  readonly connect: (options: UserLiveOptions) => LiveConnection<UserFrame>;
  /** What there is against connecting; a reset doesn't tell. */
  readonly findRefusal: (since: number | undefined, signal: AbortSignal) => Promise<WeirError | undefined>;
  /** Resolves when it makes sense to ask again. */
  readonly pause: () => Promise<void>;
}

/** Notifications that wait to be read, past which the connection is let go. */
export const WAITING_MAX = 10_000;

/** Beside the refusals of its token. */
const FINAL: ReadonlySet<WeirErrorCode> = new Set(["invalid_request", "not_found", "offset_gone"]);

/** Whether trying again would not change it. */
export function isFinal(refusal: WeirError): boolean {
  return isOfToken(refusal) || FINAL.has(refusal.code);
}

export class UserNotifications implements AsyncIterable<StreamNotification> {
  readonly #options: UserNotificationsOptions;
  readonly #link: NotificationLink;

  constructor(options: UserNotificationsOptions, link: NotificationLink) {
    this.#options = options;
    this.#link = link;
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamNotification, undefined> {
    return new Iteration(this.#options, this.#link);
  }
}

interface Reader {
  readonly resolve: (result: IteratorResult<StreamNotification, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

class Iteration implements AsyncIterator<StreamNotification, undefined> {
  readonly #options: UserNotificationsOptions;
  readonly #link: NotificationLink;
  readonly #closing = new AbortController();
  #connection: LiveConnection<UserFrame>;
  /** Everything up to this number was received. */
  #cursor: number | undefined;
  #waiting: StreamNotification[] = [];
  /** What is read of `#waiting`, so that reading one costs no more for many. */
  #read = 0;
  #readers: Reader[] = [];
  #failure: { readonly error: unknown } | undefined;
  #isPaused = false;

  constructor(options: UserNotificationsOptions, link: NotificationLink) {
    this.#options = options;
    this.#link = link;
    this.#cursor = options.since;
    this.#connection = this.#connect(options.since);
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    if (options.signal?.aborted === true) this.#abort();
    else this.#connection.connect();
  }

  next(): Promise<IteratorResult<StreamNotification, undefined>> {
    const notification = this.#waiting[this.#read];
    if (notification !== undefined) {
      this.#read += 1;
      if (this.#read === this.#waiting.length) this.#drained();
      return Promise.resolve({ done: false, value: notification });
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#closing.signal.aborted) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<StreamNotification, undefined>> {
    this.#waiting = [];
    this.#read = 0;
    this.#close();
    return Promise.resolve({ done: true, value: undefined });
  }

  #connect(since: number | undefined): LiveConnection<UserFrame> {
    return this.#link.connect({
      since,
      onFrame: (frame) => this.#take(frame),
      onState: (kind) => {
        if (kind === "refused") this.#fail(this.#connection.refusal);
      },
    });
  }

  #take(frame: UserFrame): void {
    if (frame.type === "reset") return void this.#startOver();
    this.#cursor = frame.type === "gap" ? frame.to : frame.cursor;
    if (frame.type === "gap") return this.#give([{ kind: "gap", from: frame.from, to: frame.to }]);
    this.#give(frame.events.map((line) => ({ kind: "event", sequence: Number.parseInt(line, 10), line })));
    this.#options.onCursor?.(frame.cursor);
  }

  /**
   * Either the stream was erased, or the user was so slow that what it lacks is no longer kept. In a new stream its
   * position is too great, or is that of nothing; in the old one it is gone, and going on would hide a loss.
   */
  async #startOver(): Promise<void> {
    this.#connection.close();
    const signal = this.#closing.signal;
    while (!signal.aborted) {
      const refusal = await this.#link.findRefusal(this.#cursor, signal);
      if (refusal === undefined || refusal.code === "invalid_request") break;
      if (isFinal(refusal)) return this.#fail(refusal);
      await this.#link.pause();
    }
    if (signal.aborted) return;
    // Without a position the server would begin with what is new by then, and leave out what was before.
    this.#connection = this.#connect(0);
    this.#cursor = 0;
    this.#give([{ kind: "reset" }]);
    if (!this.#isPaused) this.#connection.connect();
  }

  #give(notifications: readonly StreamNotification[]): void {
    let given = 0;
    while (given < notifications.length) {
      const reader = this.#readers.shift();
      if (reader === undefined) break;
      reader.resolve({ done: false, value: notifications[given] as StreamNotification });
      given += 1;
    }
    for (; given < notifications.length; given++) this.#waiting.push(notifications[given] as StreamNotification);
    if (this.#waiting.length - this.#read <= WAITING_MAX) return;
    this.#isPaused = true;
    this.#connection.disconnect();
  }

  #drained(): void {
    this.#waiting = [];
    this.#read = 0;
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection.connect();
  }

  #fail(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#failure = { error };
    for (const reader of this.#readers.splice(0)) reader.reject(error);
    this.#close();
  }

  readonly #abort = (): void => this.#close();

  #close(): void {
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#closing.abort();
    this.#connection.close();
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }
}
