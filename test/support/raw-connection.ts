/** Bytes on a TCP connection to a server, for what no client would send. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What the server at `port` answers to `bytes` until it closes, having been told that no more will come. */
export function exchange(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => {
      socket.end(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    });
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("end", () => resolve(answer));
    // It may be closed while there is more to send; what was answered counts.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(answer);
      else reject(error);
    });
  });
}

/** The statuses of all answers on a connection, in order. */
export function statusesOf(answer: string): readonly number[] {
  return [...answer.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}

export interface RawFrame {
  /** Of its first byte: the end of the message by default, and no reserved bits. */
  readonly isLast?: boolean;
  readonly reserved?: number;
  readonly opcode?: number;
  readonly payload?: string | Buffer;
  /** What it says that it is long. */
  readonly length?: bigint;
  readonly isMasked?: boolean;
}

export const TEXT = 1;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** A frame of RFC 6455, section 5.2, right or wrong. A length that is given is written in 64 bits. */
export function rawFrame({
  isLast = true,
  reserved = 0,
  opcode = TEXT,
  payload = "",
  length,
  isMasked = true,
}: RawFrame): Buffer {
  const bytes = Buffer.from(payload as string);
  const first = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = isMasked ? 0x80 : 0;
  const head = Buffer.alloc(10);
  head[0] = first;
  let headBytes = 2;
  if (length !== undefined || bytes.length > 0xffff) {
    head[1] = mask | LENGTH_64;
    head.writeBigUInt64BE(length ?? BigInt(bytes.length), 2);
    headBytes = 10;
  } else if (bytes.length >= LENGTH_16) {
    head[1] = mask | LENGTH_16;
    head.writeUInt16BE(bytes.length, 2);
    headBytes = 4;
  } else head[1] = mask | bytes.length;
  // A key of zeros masks nothing, and is one.
  return Buffer.concat([head.subarray(0, headBytes), Buffer.alloc(isMasked ? 4 : 0), bytes]);
}

const UPGRADE_HEADERS = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
export const KEY_HEADERS = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

export function upgradeRequest(path: string, headers: string = KEY_HEADERS): string {
  return `GET ${path} HTTP/1.1\r\nHost: weir\r\n${UPGRADE_HEADERS}${headers}\r\n`;
}

/** A frame from the server, its bytes as characters. */
interface Heard {
  readonly opcode: number;
  readonly text: string;
}

/** A WebSocket by hand. */
export class RawWebSocket {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #heard: Heard[] = [];
  #arrived: () => void = () => {};
  #hasEnded = false;

  private constructor(socket: Socket, rest: Buffer) {
    this.socket = socket;
    this.#take(rest);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    for (const event of ["end", "close", "error"]) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#arrived();
      });
    }
  }

  /** @param isReading whether it takes what comes after the handshake */
  static open(port: number, path: string, isReading = true): Promise<RawWebSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(upgradeRequest(path)));
      onTestFinished(() => void socket.destroy());
      socket.once("error", reject);
      socket.once("data", (chunk: Buffer) => {
        const end = chunk.indexOf("\r\n\r\n") + 4;
        if (!chunk.subarray(0, end).toString().startsWith("HTTP/1.1 101 ")) return reject(new Error(chunk.toString()));
        const opened = new RawWebSocket(socket, chunk.subarray(end));
        if (!isReading) socket.pause();
        resolve(opened);
      });
    });
  }

  send(...frames: readonly RawFrame[]): void {
    this.socket.write(Buffer.concat(frames.map(rawFrame)));
  }

  /** Sends without reading, as fast as the server takes it; until all is sent or it closes, or takes nothing more. */
  async flood(bytes: Buffer, idleMs: number): Promise<void> {
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += 1 << 18) {
      if (this.socket.write(bytes.subarray(at, at + (1 << 18)))) continue;
      const isStuck = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), idleMs);
        const goOn = () => {
          clearTimeout(timer);
          this.socket.off("drain", goOn).off("close", goOn);
          resolve(false);
        };
        this.socket.on("drain", goOn).on("close", goOn);
      });
      if (isStuck) return;
    }
  }

  /** The next message that `is` what is looked for; those before it are passed over. `undefined` at the end. */
  async until(is: (heard: Heard) => boolean): Promise<Heard | undefined> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard !== undefined && is(heard)) return heard;
      if (heard !== undefined) continue;
      if (this.#hasEnded) return undefined;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  /** With which code the server closes; what comes before is passed over. */
  async closeCode(): Promise<number> {
    const heard = await this.until(({ opcode }) => opcode === CLOSE);
    return heard === undefined ? 0 : Buffer.from(heard.text, "latin1").readUInt16BE(0);
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (let frame = this.#frame(); frame !== undefined; frame = this.#frame()) this.#heard.push(frame);
    this.#arrived();
  }

  #frame(): Heard | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const short = bytes[1]! & 0x7f;
    const headBytes = short === LENGTH_64 ? 10 : short === LENGTH_16 ? 4 : 2;
    if (bytes.length < headBytes) return undefined;
    const length =
      short === LENGTH_64 ? Number(bytes.readBigUInt64BE(2)) : short === LENGTH_16 ? bytes.readUInt16BE(2) : short;
    const end = headBytes + length;
    if (bytes.length < end) return undefined;
    this.#bytes = bytes.subarray(end);
    return { opcode: bytes[0]! & 0x0f, text: bytes.subarray(headBytes, end).toString("latin1") };
  }
}
