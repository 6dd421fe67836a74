/**
 * One event source's TCP connection: its bytes become lines in an outbox, and no more is read while enough waits there.
 * That it has ended loses nothing of what it sent, and the stream learns of the end after the last line.
 */
import type { Socket } from "node:net";
import { LineOutbox } from "../../client/streams/line-outbox.ts";
import type { HoldBack } from "./hold-back.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { Lines } from "./line-splitter.ts";

/** Of lines that wait to be sent, and of all that are kept until they are acknowledged; past these nothing is read. */
const UNSENT_CHARS_MAX = 512 * 1024;
export const KEPT_CHARS_MAX = 16 * 1024 * 1024;
/** After so long without a word, a source has to make room for another that wants its place. */
export const SILENT_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;

export interface GatewaySourceOptions {
  readonly id: number;
  readonly socket: Socket;
  readonly hold: HoldBack;
  /** There is something to send, or it has ended. */
  readonly ready: (source: GatewaySource) => void;
  readonly log: (text: string) => void;
}

export class GatewaySource {
  readonly id: number;
  readonly outbox = new LineOutbox();
  readonly #options: GatewaySourceOptions;
  readonly #socket: Socket;
  readonly #splitter = new LineSplitter();
  #isAccepted = false;
  /** No more bytes will come; what came is in the outbox. */
  #hasEnded = false;
  /** A chunk is held back, and nothing is read meanwhile. */
  #isHolding = false;
  #heardMs = performance.now();

  constructor(options: GatewaySourceOptions) {
    this.id = options.id;
    this.#options = options;
    this.#socket = options.socket;
    const { socket } = options;
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.pause();
    socket.on("data", (chunk) => this.#hear(chunk));
    socket.on("end", () => this.#options.hold.run(() => this.#end(this.#splitter.end())));
    socket.on("error", ({ message }) => options.log(`source ${this.id}: ${message}`));
    // Without an end before it, the last line may lack its own: half a line is another line.
    socket.on("close", () => this.#options.hold.run(() => this.#end(undefined)));
  }

  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether its place may go to another that wants it. */
  get isSilent(): boolean {
    return performance.now() - this.#heardMs >= SILENT_MS && this.outbox.lines === 0;
  }

  /** The stream takes its lines; reading begins. */
  accept(): void {
    if (this.#isAccepted) return;
    this.#isAccepted = true;
    this.#readOn();
  }

  /** There may be room for more. */
  acknowledged(): void {
    this.#readOn();
  }

  /** Nothing more is read. What was read stays in the outbox. */
  stopReading(): void {
    this.#socket.pause();
    this.#end(this.#splitter.end());
  }

  /** All is committed, or it never will be. */
  close(): void {
    this.#hasEnded = true;
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #hear(chunk: Buffer): void {
    this.#heardMs = performance.now();
    this.#isHolding = true;
    this.#socket.pause();
    this.#options.hold.run(() => {
      this.#isHolding = false;
      this.#push(this.#splitter.push(chunk));
      this.#readOn();
    });
  }

  #push({ text, count }: Lines): void {
    if (count === 0 || this.#hasEnded) return;
    this.outbox.push(text, count);
    this.#options.ready(this);
  }

  #end(last: Lines | undefined): void {
    if (this.#hasEnded) return;
    if (last !== undefined) this.#push(last);
    this.#hasEnded = true;
    this.#options.ready(this);
  }

  #readOn(): void {
    const { unsentChars, chars } = this.outbox;
    const isFull = unsentChars >= UNSENT_CHARS_MAX || chars >= KEPT_CHARS_MAX;
    if (this.#isAccepted && !this.#isHolding && !isFull && !this.#hasEnded) this.#socket.resume();
  }
}
