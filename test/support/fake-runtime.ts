/**
 * A world for the SDK in which nothing happens by itself: time passes when it is told to, and a socket is a pair of
 * queues that a test flushes by hand. So every loss and every order of events can be had, and had again.
 */
import type { LiveSocket, Runtime, SocketListener } from "../../src/client/runtime.ts";

/** One socket, seen from the side of the network. */
export class FakeSocket {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** Sent by the client and not delivered yet. */
  readonly toServer: string[] = [];
  /** Sent by the server and not delivered yet. */
  readonly toClient: string[] = [];
  /** What the client closed it with. */
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  #state: "opening" | "open" | "closed" = "opening";
  readonly #listener: SocketListener;

  constructor(url: string, protocols: readonly string[], listener: SocketListener) {
    this.url = new URL(url);
    this.protocols = protocols;
    this.#listener = listener;
  }

  get isOpening(): boolean {
    return this.#state === "opening";
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  open(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#listener.opened();
  }

  /** Ends it from the outside; what is under way in either direction is lost. */
  cut(code = 1006): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.toServer.length = 0;
    this.toClient.length = 0;
    this.#listener.closed(code);
  }

  /** The server says something, and it arrives at once. */
  say(message: object | string): void {
    this.toClient.push(typeof message === "string" ? message : JSON.stringify(message));
    this.deliver();
  }

  /** Lets what the server said arrive, or the first `count` messages of it. */
  deliver(count = Infinity): void {
    for (let delivered = 0; delivered < count && this.isOpen; delivered++) {
      const text = this.toClient.shift();
      if (text === undefined) return;
      this.#listener.message(text);
    }
  }

  /** What the client has sent since the last look. */
  heard(): readonly string[] {
    return this.toServer.splice(0);
  }

  /** A late word on a socket that the client may have given up. */
  sayLate(message: object): void {
    this.#listener.message(JSON.stringify(message));
  }

  /** The client's end. */
  readonly client: LiveSocket = {
    send: (text) => {
      if (this.#state !== "open") throw new Error("The socket is not open");
      this.toServer.push(text);
    },
    close: (code, reason) => {
      this.closedWith = { code, reason };
      this.#state = "closed";
    },
  };
}

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

export class FakeRuntime implements Runtime {
  /** Every socket that was ever asked for. */
  readonly sockets: FakeSocket[] = [];
  /** What {@link random} gives. */
  jitter = 0.5;
  #nowMs: number;
  readonly #timers = new Set<Timer>();
  readonly #networkListeners = new Set<(online: boolean) => void>();

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  /** The newest socket. */
  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  get timers(): number {
    return this.#timers.size;
  }

  get networkListeners(): number {
    return this.#networkListeners.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.jitter;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + ms, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  openSocket(url: string, protocols: readonly string[], listener: SocketListener): LiveSocket {
    const socket = new FakeSocket(url, protocols, listener);
    this.sockets.push(socket);
    return socket.client;
  }

  watchNetwork(changed: (online: boolean) => void): () => void {
    this.#networkListeners.add(changed);
    return () => this.#networkListeners.delete(changed);
  }

  setNetwork(online: boolean): void {
    for (const changed of this.#networkListeners) changed(online);
  }

  /** Lets time pass, and fires what falls due, in order. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
    }
    this.#nowMs = untilMs;
  }

  /** The wall clock jumps, for better or worse; timers don't mind. */
  stepClock(ms: number): void {
    const timers = [...this.#timers];
    this.#timers.clear();
    for (const { atMs, fire } of timers) this.#timers.add({ atMs: atMs + ms, fire });
    this.#nowMs += ms;
  }
}
