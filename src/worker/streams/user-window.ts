/**
 * What one user was told lately, for its viewers that are up to date. Complete after `base`; a viewer that is before it
 * is brought up by replay. Bounded: a user who is told too much between two rounds of frames is left to replay.
 */

/** A line, or the first and last number of a hole. */
export type Told = string | readonly [from: number, to: number];

export interface Notice {
  readonly sequence: number;
  readonly told: Told;
}

const UNITS_MAX = 512 << 10;

export class UserWindow {
  #base: number;
  #notices: Notice[] = [];
  #units = 0;
  /** How many of the notices were there at the last round of frames. */
  #seen = 0;

  /** @param cursor the last number before the user was there */
  constructor(cursor: number) {
    this.#base = cursor;
  }

  get base(): number {
    return this.#base;
  }

  push(sequence: number, told: Told): void {
    this.#notices.push({ sequence, told });
    this.#units += typeof told === "string" ? told.length : 16;
    if (this.#units > UNITS_MAX) this.forget(sequence);
  }

  /** Whether there is anything after `position`, which is not before the base. */
  hasAfter(position: number): boolean {
    return (this.#notices.at(-1)?.sequence ?? 0) > position;
  }

  after(position: number): readonly Notice[] {
    let from = this.#notices.length;
    while ((this.#notices[from - 1]?.sequence ?? 0) > position) from -= 1;
    return this.#notices.slice(from);
  }

  /** From now on complete only after `cursor`. */
  forget(cursor: number): void {
    this.#base = cursor;
    this.#notices = [];
    this.#units = 0;
    this.#seen = 0;
  }

  /**
   * A round of frames is over: forgets what was there at the round before. Event streams take their frames a little
   * later than the round, so not all is forgotten at once. Answers whether anything is left.
   */
  settle(): boolean {
    for (const { told } of this.#notices.slice(0, this.#seen))
      this.#units -= typeof told === "string" ? told.length : 16;
    this.#base = this.#notices[this.#seen - 1]?.sequence ?? this.#base;
    this.#notices = this.#notices.slice(this.#seen);
    this.#seen = this.#notices.length;
    return this.#seen > 0;
  }
}
