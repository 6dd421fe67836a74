/**
 * When the next round of frames is: at rest at once, under load an interval after the last, and at the latest as asked.
 *
 * The platform lets no timer run while messages keep coming. So a round that is overdue is run by whoever asks for another.
 */
export class Rounds {
  readonly #run: () => void;
  #ranMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = 0;

  constructor(run: () => void) {
    this.#run = run;
  }

  /** Sees to a round as soon as the last is `intervalMs` ago. */
  next(intervalMs: number): void {
    // The clock may have stepped back since the last round.
    this.within(Math.min(intervalMs, this.#ranMs + intervalMs - Date.now()));
  }

  /** Sees to a round in `ms` at the latest. */
  within(ms: number): void {
    const dueMs = Date.now() + ms;
    if (this.#timer !== undefined) {
      const isOverdue = this.#dueMs <= Date.now();
      if (this.#dueMs <= dueMs && !isOverdue) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (isOverdue) return this.#round();
    }
    if (ms <= 0) return this.#round();
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#round();
    }, ms);
  }

  #round(): void {
    this.#ranMs = Date.now();
    this.#run();
  }
}
