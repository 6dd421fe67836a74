/** Requests that wait for the next change, each no longer than it said, and no more of them than allowed. */
export class Waiters {
  readonly #max: number;
  readonly #waiting = new Set<() => void>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Settles at the next {@link wake}, or after `ms`. `undefined`: too many wait already. */
  wait(ms: number): Promise<void> | undefined {
    if (this.#waiting.size >= this.#max) return undefined;
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, ms);
      this.#waiting.add(settle);
    });
  }

  wake(): void {
    for (const settle of this.#waiting) settle();
  }
}
