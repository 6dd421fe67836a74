/** One listener: connects, says who it is, and then only listens, as old programs do. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { LineArena } from "./line-arena.ts";
import { LineChecker } from "./line-checker.ts";
import type { MazeListener } from "./maze-plan.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class MazeUser {
  readonly listener: MazeListener;
  readonly checker: LineChecker;
  readonly #lineEnd: string;
  #socket: Socket | undefined;
  /** Why it can't get any more. */
  #ended: string | undefined;

  constructor(listener: MazeListener, arena: LineArena, lineEnd: string) {
    this.listener = listener;
    this.checker = new LineChecker(arena, listener.expected, listener.afterBatch !== undefined);
    this.#lineEnd = lineEnd;
  }

  /** What went wrong, in a sentence. */
  get fault(): string | undefined {
    return this.checker.fault ?? this.#ended;
  }

  /** It has all it must have, or will never have it. */
  get isDone(): boolean {
    return this.fault !== undefined || this.checker.isComplete;
  }

  /** Resolves once it is connected and has said who it is; it waits for no sign of having been heard. */
  connect({ host, port }: Address): Promise<void> {
    const socket = connect({ host, port });
    this.#socket = socket;
    socket.on("data", (chunk) => this.checker.take(chunk));
    const end = (why: string): void => {
      if (!this.checker.isComplete) this.#ended ??= `${why} after ${this.checker.lines} lines`;
    };
    socket.on("close", () => end("was disconnected"));
    return new Promise((resolve, reject) => {
      socket.once("error", (error) => {
        end(error.message);
        reject(error);
      });
      socket.once("connect", () => {
        socket.write(`${this.listener.name}${this.#lineEnd}`);
        resolve();
      });
    });
  }

  close(): void {
    this.#socket?.removeAllListeners("close");
    this.#socket?.destroy();
  }
}
