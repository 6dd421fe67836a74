/**
 * Sends what is queued, one write at a time: what comes meanwhile makes the next one larger, so a slow server gets fewer
 * and larger writes. Whatever is not answered stays in the queue and goes again.
 */
import type { Entry } from "../../core/sets/lww.ts";
import { backoffMs } from "../backoff.ts";
import type { LiveConnection } from "../live/live-connection.ts";
import type { Runtime } from "../runtime.ts";
import type { OpQueue } from "./op-queue.ts";
import type { SetFrame } from "./set-frames.ts";

/** How long the answer to a write may take before the connection is thought broken. */
export const ACK_TIMEOUT_MS = 30_000;

/** A write that is under way. */
interface Flight {
  readonly id: number;
  readonly ops: readonly Entry[];
}

export class OpSender {
  readonly #queue: OpQueue;
  readonly #connection: LiveConnection<SetFrame>;
  readonly #runtime: Runtime;
  #flight: Flight | undefined;
  #flights = 0;
  #refusals = 0;
  #pausing = false;
  /** Of the timer that ends the flight or the pause; there is only ever one of them. */
  #cancelTimer: (() => void) | undefined;

  constructor(queue: OpQueue, connection: LiveConnection<SetFrame>, runtime: Runtime) {
    this.#queue = queue;
    this.#connection = connection;
    this.#runtime = runtime;
  }

  /** Sends what waits, unless something is under way, or held back, or there is no connection. */
  send(): void {
    if (this.#flight !== undefined || this.#pausing || this.#queue.size === 0 || !this.#connection.isOpen) return;
    const { ops, json } = this.#queue.batch();
    this.#flights += 1;
    const id = this.#flights;
    this.#flight = { id, ops };
    this.#setTimer(ACK_TIMEOUT_MS, () => this.#connection.fault());
    this.#connection.send(`{"type":"write","id":${id},"ops":${json}}`);
  }

  /** The operations of write `id`, which has been answered; `undefined` if it is not the one that is under way. */
  land(id: number | null): readonly Entry[] | undefined {
    const flight = this.#flight;
    if (flight === undefined || flight.id !== id) return undefined;
    this.#flight = undefined;
    this.#clearTimer();
    return flight.ops;
  }

  /** A write was accepted. */
  succeed(): void {
    this.#refusals = 0;
    this.send();
  }

  /** A write was refused as a whole: tries again after a while, later the more often that happened in a row. */
  holdBack(): void {
    this.#refusals += 1;
    this.#pausing = true;
    this.#setTimer(backoffMs(this.#refusals, this.#runtime.random()), () => {
      this.#pausing = false;
      this.send();
    });
  }

  /** The connection is gone. Whether what was under way arrived nobody knows; it is still in the queue. */
  abandon(): void {
    this.#flight = undefined;
    this.#pausing = false;
    this.#clearTimer();
  }

  #setTimer(ms: number, fire: () => void): void {
    this.#clearTimer();
    this.#cancelTimer = this.#runtime.setTimer(ms, fire);
  }

  #clearTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
