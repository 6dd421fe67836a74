/**
 * Does something at most once in a while, however often it is asked to: at once after a rest, and once more at the end for
 * what was asked meanwhile. For what a person can't take in more often, such as what is said aloud.
 */
export class Paced {
  readonly #act: () => void;
  readonly #restMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsked = false;

  constructor(restMs: number, act: () => void) {
    this.#restMs = restMs;
    this.#act = act;
  }

  readonly request = (): void => {
    this.#isAsked = true;
    if (this.#timer === undefined) this.#go();
  };

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAsked = false;
  }

  #go(): void {
    this.#timer = undefined;
    if (!this.#isAsked) return;
    this.#isAsked = false;
    this.#timer = setTimeout(() => this.#go(), this.#restMs);
    this.#act();
  }
}
