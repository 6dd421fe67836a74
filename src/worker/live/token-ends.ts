/**
 * When the tokens end with which sockets came that are no viewers: past that they are told nothing, and nothing is taken
 * from them.
 */
import type { AlarmClock } from "../alarm-clock.ts";

export class TokenEnds<Holder> {
  readonly #endsMs = new Map<Holder, number>();
  readonly #alarm: Pick<AlarmClock, "set">;

  /** @param alarm rings when {@link dueMs} says so */
  constructor(alarm: Pick<AlarmClock, "set">) {
    this.#alarm = alarm;
  }

  /** When the first of them ends, in milliseconds since the Unix epoch; `undefined` if none does. */
  get dueMs(): number | undefined {
    return this.#endsMs.size === 0 ? undefined : Math.min(...this.#endsMs.values());
  }

  /** @param expiresMs `undefined` if it came without a token, or with one that has no end */
  enter(holder: Holder, expiresMs: number | undefined): void {
    this.restore(holder, expiresMs);
    if (expiresMs !== undefined) this.#alarm.set();
  }

  /** One that entered before the object went away, when the alarm was set. */
  restore(holder: Holder, expiresMs: number | undefined): void {
    if (expiresMs !== undefined) this.#endsMs.set(holder, expiresMs);
  }

  leave(holder: Holder): void {
    this.#endsMs.delete(holder);
  }

  hasEnded(holder: Holder): boolean {
    return Date.now() >= (this.#endsMs.get(holder) ?? Infinity);
  }

  /** Those whose tokens have ended. */
  ended(): readonly Holder[] {
    return [...this.#endsMs.keys()].filter((holder) => this.hasEnded(holder));
  }
}
