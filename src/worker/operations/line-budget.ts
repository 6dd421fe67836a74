/** How many lines may be logged: so many in each second, and the first of the next says how many were left out. */

const LINES_MAX = 100;
const WINDOW_MS = 1_000;

export class LineBudget {
  readonly #linesMax: number;
  #windowMs = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(linesMax = LINES_MAX) {
    this.#linesMax = linesMax;
  }

  /** How many lines were left out since the last that was written; `undefined`: this one must be left out too. */
  take(nowMs: number): number | undefined {
    const windowMs = Math.floor(nowMs / WINDOW_MS);
    if (windowMs !== this.#windowMs) {
      this.#windowMs = windowMs;
      this.#lines = 0;
    }
    if (this.#lines >= this.#linesMax) {
      this.#leftOut += 1;
      return undefined;
    }
    this.#lines += 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
