/**
 * Wakes the stream when its hole is due: by a timer if that is soon, else by the object's alarm, for a timer would keep
 * the object from hibernating. An alarm also finds the hole of an object that was taken from memory.
 */
export interface GapTimerHost {
  /** When the hole is due, in milliseconds since the Unix epoch; `undefined` if there is none or it never is. */
  dueMs(): number | undefined;
  /** It may be due. */
  expire(): void;
}

/** A hole that is due later than this is left to the alarm. */
const TIMER_MS_MAX = 10_000;
/** An alarm is a write, so it is not set anew for less. */
const ALARM_SLACK_MS = 1_000;

export class GapTimer {
  readonly #storage: Pick<DurableObjectStorage, "setAlarm">;
  readonly #host: GapTimerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = 0;
  #alarmMs = 0;

  constructor(storage: Pick<DurableObjectStorage, "setAlarm">, host: GapTimerHost) {
    this.#storage = storage;
    this.#host = host;
  }

  /** Looks when the hole is due. A timer that is set for an earlier time stays: it looks again when it comes. */
  async schedule(): Promise<void> {
    const dueMs = this.#host.dueMs();
    if (dueMs === undefined) return;
    const inMs = dueMs - Date.now();
    if (inMs <= TIMER_MS_MAX) {
      this.#setTimer(dueMs, Math.max(0, inMs));
    } else if (Math.abs(dueMs - this.#alarmMs) > ALARM_SLACK_MS) {
      this.#alarmMs = dueMs;
      await this.#storage.setAlarm(dueMs);
    }
  }

  /** The alarm came. */
  async rang(): Promise<void> {
    this.#alarmMs = 0;
    this.#host.expire();
    await this.schedule();
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
      void this.schedule();
    }, inMs);
  }
}
