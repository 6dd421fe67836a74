/**
 * What was sent to the viewers of one object and may still wait in memory, all of them together.
 *
 * While it is within its bound, each viewer may have as much waiting as one may have. Beyond it nobody may have more than
 * an equal share: then there is always a viewer that has more, which is passed over, and closed if it stays silent, until
 * they are within the bound again. Viewers that show signs of life are served throughout.
 */
export interface BacklogLimits {
  /** What may wait for one viewer, and for all together, in UTF-16 code units. */
  readonly unansweredCharsMax: number;
  readonly allUnansweredCharsMax: number;
}

export class Backlog {
  readonly #limits: BacklogLimits;
  #chars = 0;
  #viewers = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  /** What may wait for one viewer now. */
  get charsMaxEach(): number {
    const { unansweredCharsMax, allUnansweredCharsMax } = this.#limits;
    if (this.#chars <= allUnansweredCharsMax) return unansweredCharsMax;
    return Math.min(unansweredCharsMax, allUnansweredCharsMax / this.#viewers);
  }

  enter(): void {
    this.#viewers += 1;
  }

  /** @param chars what waited for the viewer that leaves */
  leave(chars: number): void {
    this.#viewers -= 1;
    this.#chars -= chars;
  }

  add(chars: number): void {
    this.#chars += chars;
  }

  remove(chars: number): void {
    this.#chars -= chars;
  }
}
