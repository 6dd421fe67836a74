/**
 * Wakes the stream when its hole is due: by a timer if that is soon, else by the object's alarm, for a timer would keep
 * the object from hibernating. An alarm also finds the hole of an object that was taken from memory.
 */
import type { AlarmClock } from "../alarm-clock.ts";

export interface GapTimerHost {
  /** When the hole is due, in milliseconds since the Unix epoch; `undefined` if there is none or it never is. */
  dueMs(): number | undefined;
  /** It may be due. */
  expire(): void;
}

/** A hole that is due later than this is left to the alarm. */
const TIMER_MS_MAX = 10_000;

export class GapTimer {
  readonly #alarm: Pick<AlarmClock, "set">;
  readonly #host: GapTimerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = 0;

  /** @param alarm rings when {@link alarmDueMs} says so; then the object calls {@link rang} */
  constructor(alarm: Pick<AlarmClock, "set">, host: GapTimerHost) {
    this.#alarm = alarm;
    this.#host = host;
  }

  /** When the hole is due, if that is left to the alarm. */
  get alarmDueMs(): number | undefined {
    const dueMs = this.#host.dueMs();
    return dueMs !== undefined && dueMs - Date.now() > TIMER_MS_MAX ? dueMs : undefined;
  }

  /** Looks when the hole is due. A timer that is set for an earlier time stays: it looks again when it comes. */
  schedule(): void {
    const dueMs = this.#host.dueMs();
    if (dueMs === undefined) return;
    const inMs = dueMs - Date.now();
    if (inMs <= TIMER_MS_MAX) this.#setTimer(dueMs, Math.max(0, inMs));
    else this.#alarm.set();
  }

  /** The alarm came. */
  rang(): void {
    this.#host.expire();
    this.schedule();
  }

  #setTimer(dueMs: number, inMs: number): void {
    if (this.#timer !== undefined) {
      if (this.#timerMs <= dueMs) return;
      clearTimeout(this.#timer);
    }
    this.#timerMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#host.expire();
      this.schedule();
    }, inMs);
  }
}
