/**
 * The one alarm of an object, for everything that it has to do later: rings when the first of it is due, wherever the
 * object is by then. Nothing is kept beside the platform's alarm, so each thing must be able to say at any time when it is
 * due; what was due while an object was away is due when it is back.
 */

/** The platform takes no alarm that is centuries away. One that comes too early finds nothing due, and sets the next. */
const AHEAD_MS_MAX = 30 * 86_400_000;

export class AlarmClock {
  readonly #storage: Pick<DurableObjectStorage, "setAlarm">;
  readonly #dues: readonly (() => number | undefined)[];
  /** When it will ring, as far as this instance has seen to it. */
  #ringsMs = Infinity;

  /** @param dues when each thing is due, in milliseconds since the Unix epoch; `undefined` if it isn't */
  constructor(storage: Pick<DurableObjectStorage, "setAlarm">, ...dues: readonly (() => number | undefined)[]) {
    this.#storage = storage;
    this.#dues = dues;
  }

  /** Sees to it that it rings in time. To be called when something may be due earlier than before. */
  set(): void {
    const dueMs = Math.min(...this.#dues.map((due) => due() ?? Infinity));
    if (dueMs >= this.#ringsMs) return;
    this.#ringsMs = Math.min(dueMs, Date.now() + AHEAD_MS_MAX);
    void this.#storage.setAlarm(this.#ringsMs);
  }

  /** It has rung, or was erased with everything else: sees to it that it rings for what is due next. */
  setAnew(): void {
    this.#ringsMs = Infinity;
    this.set();
  }
}
