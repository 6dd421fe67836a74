/**
 * Draws at most once an animation frame, however often it is asked to, and rests between frames in proportion to what
 * drawing costs. So a set that changes all the time, or a very large one, leaves the page responsive.
 */

/** Of the time, drawing takes at most one part in so many. */
const SHARE = 4;

export class FrameBatch {
  readonly #draw: () => void;
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restUntilMs = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  readonly request = (): void => {
    if (this.#frame !== undefined || this.#timer !== undefined) return;
    const restMs = this.#restUntilMs - performance.now();
    if (restMs <= 0) return this.#requestFrame();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#requestFrame();
    }, restMs);
  };

  cancel(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = undefined;
  }

  #requestFrame(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      const startMs = performance.now();
      this.#draw();
      const endMs = performance.now();
      this.#restUntilMs = endMs + (endMs - startMs) * (SHARE - 1);
    });
  }
}
