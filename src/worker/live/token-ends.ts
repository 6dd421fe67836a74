/** When the tokens end with which sockets came: past that they are told nothing, and nothing is taken from them. */
import type { AlarmClock } from "../alarm-clock.ts";

/** What its client is told. */
export const EXPIRED_REASON = "the token has expired";

export class TokenEnds<Holder> {
  readonly #endsMs = new Map<Holder, number>();
  readonly #alarm: Pick<AlarmClock, "set">;
  /** No later than the first of them ends; kept as they come, for there may be very many. */
  #dueMs = Infinity;

  /** @param alarm rings when {@link dueMs} says so */
  constructor(alarm: Pick<AlarmClock, "set">) {
    this.#alarm = alarm;
  }

  /**
   * When the first of them ends, in milliseconds since the Unix epoch; `undefined` if none does. Too early where that one
   * has left: who looks then finds nothing ended, and from then on it is right.
   */
  get dueMs(): number | undefined {
    return this.#dueMs === Infinity ? undefined : this.#dueMs;
  }

  /** @param expiresMs `undefined` if it came without a token, or with one that has no end */
  enter(holder: Holder, expiresMs: number | undefined): void {
    this.restore(holder, expiresMs);
    if (expiresMs !== undefined) this.#alarm.set();
  }

  /** One that entered before the object went away, when the alarm was set. */
  restore(holder: Holder, expiresMs: number | undefined): void {
    if (expiresMs === undefined) return;
    this.#endsMs.set(holder, expiresMs);
    this.#dueMs = Math.min(this.#dueMs, expiresMs);
  }

  leave(holder: Holder): void {
    this.#endsMs.delete(holder);
    if (this.#endsMs.size === 0) this.#dueMs = Infinity;
  }

  hasEnded(holder: Holder): boolean {
    return Date.now() >= (this.#endsMs.get(holder) ?? Infinity);
  }

  /** Those whose tokens have ended; they leave by that. Costs nothing while none is due. */
  takeEnded(): readonly Holder[] {
    const nowMs = Date.now();
    if (nowMs < this.#dueMs) return [];
    const ended: Holder[] = [];
    this.#dueMs = Infinity;
    for (const [holder, endsMs] of this.#endsMs) {
      if (endsMs <= nowMs) ended.push(holder);
      else this.#dueMs = Math.min(this.#dueMs, endsMs);
    }
    for (const holder of ended) this.#endsMs.delete(holder);
    return ended;
  }
}
