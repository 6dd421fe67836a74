/**
 * One user's TCP connection: says who it is in its first line, and then only listens. What it doesn't take waits in
 * memory, up to a bound past which it is dropped.
 *
 * A user that closes its side may still listen, as `printf 60 | nc` does. Whether it does, TCP tells only when something
 * is sent to it.
 */
import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import { StreamUserSchema } from "../../protocol/names.ts";
import type { StreamUser } from "../../protocol/names.ts";
import { parse } from "../../protocol/parse.ts";

/** Of what a user has not taken. Some seconds of a stream that is as fast as it gets. */
export const UNTAKEN_BYTES_MAX = 16 * 1024 * 1024;
/** A name has 256 bytes at most; the rest is for the end of the line. */
const NAME_LINE_BYTES_MAX = 258;
/** People who try it out type their id. */
const NAME_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 10_000;
const LF = 0x0a;

export interface GatewayUserOptions {
  readonly id: number;
  readonly socket: Socket;
  /** It said who it is. */
  readonly named: (user: GatewayUser) => void;
  /** It is gone; `why` for the log, where somebody should know. */
  readonly gone: (user: GatewayUser, why: string | undefined) => void;
}

export class GatewayUser {
  readonly id: number;
  readonly #options: GatewayUserOptions;
  readonly #socket: Socket;
  #name: StreamUser | undefined;
  #head = Buffer.alloc(0);
  #batch = "";
  #isHalfClosed = false;
  #isGone = false;

  constructor(options: GatewayUserOptions) {
    this.id = options.id;
    this.#options = options;
    this.#socket = options.socket;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(NAME_TIMEOUT_MS, () => this.drop("said not who it is"));
    socket.on("data", (chunk) => this.#hear(chunk));
    socket.on("end", () => this.#endOfInput());
    // An error is always followed by a close.
    socket.on("error", () => {});
    socket.on("close", () => this.#leave(undefined));
  }

  /** `undefined` until it said so. */
  get name(): StreamUser | undefined {
    return this.#name;
  }

  /** It will say nothing more, and is perhaps gone. */
  get isHalfClosed(): boolean {
    return this.#isHalfClosed;
  }

  get untakenBytes(): number {
    return this.#socket.writableLength;
  }

  /** Collects a line, with its LF, for {@link flush}. */
  add(line: string): void {
    this.#batch += line;
  }

  /** Sends what was collected in one piece. */
  flush(): void {
    const batch = this.#batch;
    if (batch === "" || this.#isGone) return;
    this.#batch = "";
    // As bytes, for of text it is the characters that a socket counts.
    this.#socket.write(Buffer.from(batch));
    if (this.#socket.writableLength > UNTAKEN_BYTES_MAX) this.drop("takes its lines too slowly");
  }

  drop(why: string): void {
    this.#leave(why);
    this.#socket.destroy();
  }

  /** Ends the connection once everything was taken; resolves when it is closed. */
  end(): Promise<void> {
    this.#leave(undefined);
    return new Promise((resolve) => {
      if (this.#socket.closed) resolve();
      this.#socket.once("close", () => resolve());
      this.#socket.end();
      // Whoever listens half-closed has ended already; of the others nothing more is awaited.
      this.#socket.destroySoon();
    });
  }

  #hear(chunk: Buffer): void {
    // What comes after the name is of no interest, but has to be read.
    if (this.#name !== undefined || this.#isGone) return;
    const end = chunk.indexOf(LF);
    this.#head = Buffer.concat([this.#head, chunk.subarray(0, Math.min(end + 1 || Infinity, NAME_LINE_BYTES_MAX + 1))]);
    if (end !== -1 || this.#head.length > NAME_LINE_BYTES_MAX) this.#introduce();
  }

  #endOfInput(): void {
    this.#isHalfClosed = true;
    if (this.#name !== undefined || this.#isGone) return;
    if (this.#head.length === 0) this.drop("left without a word");
    else this.#introduce();
  }

  #introduce(): void {
    const line = this.#head;
    const name = isUtf8(line) ? parse(StreamUserSchema, line.toString().replace(/\r?\n?$/, ""), "id") : undefined;
    if (name?.ok !== true)
      return this.drop(`named itself wrongly. ${name === undefined ? "id: must be UTF-8." : name.problem.detail}`);
    this.#head = Buffer.alloc(0);
    this.#name = name.value;
    this.#socket.setTimeout(0);
    this.#options.named(this);
  }

  #leave(why: string | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#batch = "";
    this.#options.gone(this, why);
  }
}
