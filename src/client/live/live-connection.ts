/**
 * Runs the connection's state machine on sockets and timers. It decides nothing: messages become events, effects are
 * carried out, frames are handed on.
 *
 * Frames are handed on in order, each after the state has taken its offset, and never from a socket that was given up.
 */
import { parseJson } from "../../protocol/parse-json.ts";
import { CLOSED_ABNORMALLY } from "../runtime.ts";
import type { LiveSocket, Runtime } from "../runtime.ts";
import { initialState, isOpenKind } from "./connection-state.ts";
import type { ConnectionEffect, ConnectionEvent, ConnectionState, ConnectionStateKind } from "./connection-state.ts";
import type { WeirError } from "../weir-error.ts";
import { SEEN_TEXT, transition } from "./state-transition-table.ts";

/** What a message is to the connection; `frame` is what it is to its owner. */
export type Reading<F> =
  /** Moves the position to `offset`; with `more` there is more to come at once. */
  | { readonly kind: "frame"; readonly frame: F; readonly offset: string; readonly more: boolean }
  /** Begins from the beginning. */
  | { readonly kind: "reset"; readonly frame: F }
  /** Doesn't concern the position. */
  | { readonly kind: "message"; readonly frame: F }
  /** Of a type that is not known: later servers have more of them. */
  | { readonly kind: "unknown" }
  /** Not as the contract says. */
  | { readonly kind: "garbled" };

export interface SocketAddress {
  readonly url: string;
  /** Which carry the token. */
  readonly protocols: readonly string[];
}

export interface LiveConnectionOptions<F> {
  readonly runtime: Runtime;
  /** Where to resume from `since`; later, where a token must be had first. */
  readonly address: (since: string | undefined) => SocketAddress | Promise<SocketAddress>;
  /**
   * Called when a socket could not be opened from `since`, to find out whether that is because the server doesn't let this
   * caller in; `undefined` if it does, or can't be asked.
   */
  readonly findRefusal?: ((since: string | undefined) => Promise<WeirError | undefined>) | undefined;
  /** Where to resume; from the beginning by default. */
  readonly since?: string | undefined;
  /** What a message means. Called with the JSON value of each, but for `pong`. */
  readonly read: (json: unknown) => Reading<F>;
  readonly onFrame: (frame: F) => void;
  /** Whether the server is told what arrived; it is, unless this says `false`. */
  readonly tellsSeen?: boolean | undefined;
  /** Called when the state's kind changed. */
  readonly onState?: ((kind: ConnectionStateKind, former: ConnectionStateKind) => void) | undefined;
}

export class LiveConnection<F> {
  readonly #options: LiveConnectionOptions<F>;
  readonly #runtime: Runtime;
  readonly #unwatchNetwork: () => void;
  #state: ConnectionState;
  #socket: LiveSocket | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerDueMs = 0;
  #reconnects = 0;
  #refusal: WeirError | undefined;
  #isAsking = false;
  #connects = 0;

  constructor(options: LiveConnectionOptions<F>) {
    this.#options = options;
    this.#runtime = options.runtime;
    this.#state = initialState(options.since);
    this.#unwatchNetwork = this.#runtime.watchNetwork((online) => this.#on({ type: online ? "online" : "offline" }));
  }

  get kind(): ConnectionStateKind {
    return this.#state.kind;
  }

  /** Where it would resume. */
  get offset(): string | undefined {
    return this.#state.since;
  }

  /** When it will try again by itself, in milliseconds since the Unix epoch; `undefined` while it isn't waiting to. */
  get retryAtMs(): number | undefined {
    return this.kind === "waiting" || this.kind === "offline" ? this.#timerDueMs : undefined;
  }

  /** Why the server doesn't let it in, while the state is `refused`. */
  get refusal(): WeirError | undefined {
    return this.kind === "refused" ? this.#refusal : undefined;
  }

  /** How often it had to connect again by itself. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Whether something can be sent. */
  get isOpen(): boolean {
    return isOpenKind(this.#state.kind);
  }

  /** Connects, and stays so through every loss until {@link disconnect} or {@link close}. */
  connect(): void {
    this.#connects += 1;
    this.#on({ type: "connect" });
  }

  /** Disconnects until {@link connect}, which resumes. */
  disconnect(): void {
    this.#on({ type: "disconnect" });
  }

  /** Disconnects for good. */
  close(): void {
    this.#on({ type: "close" });
    this.#unwatchNetwork();
  }

  /** Gives up the socket, as one that is of no more use, and connects again after a while. */
  fault(): void {
    this.#on({ type: "fault" });
  }

  /** Starts again from the beginning, after a wait that grows with the number of `failures` in a row. */
  resync(failures: number): void {
    this.#on({ type: "resync", failures });
  }

  /** Whether it could be sent. What was sent may be lost all the same; only an answer tells. */
  send(text: string): boolean {
    if (!this.isOpen || this.#socket === undefined) return false;
    return this.#trySend(this.#socket, text);
  }

  #on(event: ConnectionEvent): void {
    const former = this.#state;
    const { state, effects } = transition(former, event, this.#runtime.random());
    this.#state = state;
    if (event.type === "lost") this.#socket = undefined;
    if (state.kind === "connecting" && former.kind !== "connecting" && former.kind !== "idle") this.#reconnects += 1;
    for (const effect of effects) this.#carryOut(effect);
    if (state.kind !== former.kind) this.#options.onState?.(state.kind, former.kind);
  }

  #carryOut(effect: ConnectionEffect): void {
    switch (effect.type) {
      case "open-socket":
        this.#openSocket(effect.since);
        return;
      case "close-socket": {
        const socket = this.#socket;
        this.#socket = undefined;
        socket?.close(effect.code, effect.reason);
        return;
      }
      case "set-timer":
        this.#cancelTimer?.();
        this.#timerDueMs = this.#runtime.nowMs() + effect.ms;
        this.#cancelTimer = this.#runtime.setTimer(effect.ms, () => {
          this.#cancelTimer = undefined;
          this.#on({ type: "elapsed" });
        });
        return;
      case "clear-timer":
        this.#cancelTimer?.();
        this.#cancelTimer = undefined;
        return;
      case "send":
        if (effect.text === SEEN_TEXT && this.#options.tellsSeen === false) return;
        if (this.#socket !== undefined) this.#trySend(this.#socket, effect.text);
        return;
    }
  }

  #openSocket(since: string | undefined): void {
    const address = this.#options.address(since);
    if (address instanceof Promise) void this.#openLater(address);
    else this.#socket = this.#open(address);
  }

  /** Until the address is known, what stands for the socket is something that can be given up like one. */
  async #openLater(address: Promise<SocketAddress>): Promise<void> {
    const awaited: LiveSocket = { send: () => {}, close: () => {} };
    this.#socket = awaited;
    try {
      const known = await address;
      if (this.#socket === awaited) this.#socket = this.#open(known);
    } catch {
      if (this.#socket === awaited) this.#lose(CLOSED_ABNORMALLY);
    }
  }

  #open({ url, protocols }: SocketAddress): LiveSocket {
    const socket: LiveSocket = this.#runtime.openSocket(url, protocols, {
      opened: () => {
        if (this.#socket === socket) this.#on({ type: "opened" });
      },
      message: (text) => {
        if (this.#socket === socket) this.#receive(text);
      },
      closed: (code) => {
        if (this.#socket === socket) this.#lose(code);
      },
    });
    return socket;
  }

  #lose(code: number): void {
    const wasOpen = this.isOpen;
    this.#on({ type: "lost", code });
    // Why a socket could not be opened no platform tells.
    if (!wasOpen) void this.#findRefusal();
  }

  async #findRefusal(): Promise<void> {
    const { findRefusal } = this.#options;
    if (findRefusal === undefined || this.#isAsking) return;
    this.#isAsking = true;
    const asked = this.#connects;
    const refusal = await findRefusal(this.#state.since);
    this.#isAsking = false;
    // Told to connect meanwhile, it may have been given another token.
    if (refusal === undefined || asked !== this.#connects) return;
    this.#refusal = refusal;
    this.#on({ type: "refused" });
  }

  #receive(text: string): void {
    const chars = text.length;
    if (text === "pong") return this.#on({ type: "message", chars });
    const reading = this.#read(text);
    switch (reading.kind) {
      case "frame":
        this.#on({ type: "frame", offset: reading.offset, more: reading.more, chars });
        return this.#options.onFrame(reading.frame);
      case "reset":
        this.#on({ type: "reset", chars });
        return this.#options.onFrame(reading.frame);
      case "message":
        this.#on({ type: "message", chars });
        return this.#options.onFrame(reading.frame);
      case "unknown":
        return this.#on({ type: "message", chars });
      case "garbled":
        return this.#on({ type: "fault" });
    }
  }

  #read(text: string): Reading<F> {
    const json = parseJson(text);
    return json === undefined ? { kind: "garbled" } : this.#options.read(json);
  }

  /** A socket may close before it says so; then its `closed` is on the way. */
  #trySend(socket: LiveSocket, text: string): boolean {
    try {
      socket.send(text);
      return true;
    } catch {
      return false;
    }
  }
}
