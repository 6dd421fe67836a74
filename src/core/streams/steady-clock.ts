/** A clock that stands when the one it is read from steps back, and goes on from there. */
export class SteadyClock {
  #last: number;
  #skewMs = 0;

  constructor(nowMs: number) {
    this.#last = nowMs;
  }

  /** The steady time at the outer time `nowMs`. */
  now(nowMs: number): number {
    if (nowMs + this.#skewMs < this.#last) this.#skewMs = this.#last - nowMs;
    this.#last = nowMs + this.#skewMs;
    return this.#last;
  }

  /** The outer time of a steady time. */
  outside(steadyMs: number): number {
    return steadyMs - this.#skewMs;
  }
}
