/**
 * A source of lines over one WebSocket: sends within the server's credit, keeps what is not acknowledged, and sends it
 * again on the next connection. The server knows a line by its number, so what comes twice counts once.
 */
import { LiveConnection } from "../live/live-connection.ts";
import type { LiveConnectionOptions } from "../live/live-connection.ts";
import { WeirError } from "../weir-error.ts";
import { LineOutbox } from "./line-outbox.ts";
import { readSourceFrame } from "./stream-frames.ts";
import type { SourceFrame } from "./stream-frames.ts";

type Ack = Extract<SourceFrame, { readonly type: "ack" }>;

/** How a source stands. */
export interface SourceStanding {
  /** The last sequence number that the stream has processed. */
  readonly cursor: number;
  /** Lines that wait in the stream for a hole to be filled. */
  readonly buffered: number;
  /** Of this source: how many of its lines were known already, and how many were no events or came too late. */
  readonly duplicates: number;
  readonly deadLetters: number;
}

export interface StreamSourceOptions {
  /** Characters that may wait to be acknowledged; more is refused. */
  readonly charsMax?: number | undefined;
  readonly onAck?: ((standing: SourceStanding) => void) | undefined;
}

export const SOURCE_CHARS_MAX = 16 * 1024 * 1024;
/** {@link StreamSource.ready} waits while more than this part of it is taken. */
const READY_SHARE = 0.5;

interface Waiting {
  /** Of all lines ever given: resolved once so many are acknowledged. */
  readonly atLine: number;
  readonly resolve: (standing: SourceStanding) => void;
  readonly reject: (error: WeirError) => void;
}

export class StreamSource {
  readonly #charsMax: number;
  readonly #onAck: StreamSourceOptions["onAck"];
  readonly #connection: LiveConnection<SourceFrame>;
  readonly #outbox = new LineOutbox();
  #standing: SourceStanding = { cursor: 0, buffered: 0, duplicates: 0, deadLetters: 0 };
  /** Counted on former connections; the server begins anew with each. */
  #formerly = { duplicates: 0, deadLetters: 0 };
  #given = 0;
  #waiting: Waiting[] = [];
  #readers: (() => void)[] = [];
  #isClosed = false;

  constructor(
    { charsMax = SOURCE_CHARS_MAX, onAck }: StreamSourceOptions,
    link: Pick<LiveConnectionOptions<SourceFrame>, "runtime" | "address" | "findRefusal">,
  ) {
    this.#charsMax = charsMax;
    this.#onAck = onAck;
    this.#connection = new LiveConnection<SourceFrame>({
      ...link,
      read: readSourceFrame,
      // On this socket everything that is said is lines.
      tellsSeen: false,
      onFrame: (frame) => {
        if (frame.type === "ack") this.#take(frame);
      },
      onState: (kind, former) => {
        if (former === "catching-up" || former === "live") {
          if (kind !== "catching-up" && kind !== "live") this.#disconnected();
        }
        if (kind === "refused") this.#refused(this.#connection.refusal);
      },
    });
  }

  /** Lines that are not acknowledged. */
  get pending(): number {
    return this.#outbox.lines;
  }

  get standing(): SourceStanding {
    return this.#standing;
  }

  /**
   * Gives lines, without their ends. Resolves once all of them are committed, however often they have to be sent. There
   * is no need to wait for that before giving more.
   *
   * Rejects with `overloaded` if too much waits already, having taken none; and when the source is closed.
   */
  send(lines: readonly string[]): Promise<SourceStanding> {
    if (this.#isClosed) return Promise.reject(closed());
    // An empty line is none, and the server would not count it.
    const given = lines.flatMap((line) => line.split("\n")).filter((line) => line !== "" && line !== "\r");
    if (given.length === 0) return Promise.resolve(this.#standing);
    const text = `${given.join("\n")}\n`;
    if (this.#outbox.chars > 0 && this.#outbox.chars + text.length > this.#charsMax) {
      return Promise.reject(full(this.#outbox.lines));
    }
    this.#outbox.push(text, given.length);
    this.#given += given.length;
    // Only the first time: while it waits to try again, more lines are no reason to try sooner.
    if (this.#connection.kind === "idle") this.#connection.connect();
    this.#pump();
    const atLine = this.#given;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ atLine, resolve, reject });
    });
  }

  /** Resolves once it makes sense to give more, so that what waits does not grow. */
  ready(): Promise<void> {
    if (this.#isReady()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#readers.push(resolve);
    });
  }

  /** Resolves once everything given is committed. */
  flush(): Promise<SourceStanding> {
    if (this.#outbox.lines === 0) return Promise.resolve(this.#standing);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ atLine: this.#given, resolve, reject });
    });
  }

  /** Sends no more. What was acknowledged stays; who waits for the rest is told that it will not come. */
  close(): void {
    this.#isClosed = true;
    this.#connection.close();
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    for (const resolve of this.#readers.splice(0)) resolve();
  }

  #isReady(): boolean {
    return this.#isClosed || this.#outbox.chars <= this.#charsMax * READY_SHARE;
  }

  #pump(): void {
    if (!this.#connection.isOpen) return;
    for (let text = this.#outbox.take(false); text !== undefined; text = this.#outbox.take(false)) {
      this.#connection.send(text);
    }
  }

  #take({ cursor, buffered, lines, duplicates, dead_letters: deadLetters, credit }: Ack): void {
    if (!this.#outbox.ack(lines, credit)) return this.#connection.fault();
    this.#standing = {
      cursor,
      buffered,
      duplicates: this.#formerly.duplicates + duplicates,
      deadLetters: this.#formerly.deadLetters + deadLetters,
    };
    this.#onAck?.(this.#standing);
    this.#pump();
    const acknowledged = this.#given - this.#outbox.lines;
    while ((this.#waiting[0]?.atLine ?? Infinity) <= acknowledged) this.#waiting.shift()?.resolve(this.#standing);
    if (this.#isReady()) for (const resolve of this.#readers.splice(0)) resolve();
  }

  /** Nobody with this token is let in, so what waits will not be acknowledged. */
  #refused(refusal: WeirError | undefined): void {
    for (const { reject } of this.#waiting.splice(0)) reject(refusal ?? refused());
    this.close();
  }

  #disconnected(): void {
    const { duplicates, deadLetters } = this.#standing;
    this.#formerly = { duplicates, deadLetters };
    this.#outbox.rewind();
  }
}

function refused(): WeirError {
  return new WeirError({ code: "unauthorized", detail: "The server refuses this source." });
}

function closed(): WeirError {
  return new WeirError({ code: "network", detail: "The source was closed before this was acknowledged." });
}

function full(waiting: number): WeirError {
  return new WeirError({
    code: "overloaded",
    detail: `${waiting} lines wait already. Give these again when it is ready.`,
  });
}
