/**
 * Says what happens to those who don't see it, through a polite live region. What comes within a short while is said
 * together, and of much only the latest, for a busy set would otherwise never stop talking.
 */
const PAUSE_MS = 700;
const TEXTS_MAX = 4;

export class Announcer {
  readonly #region: HTMLElement;
  readonly #texts: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(region: HTMLElement) {
    this.#region = region;
  }

  readonly announce = (text: string): void => {
    this.#texts.push(text);
    if (this.#texts.length > TEXTS_MAX) this.#texts.shift();
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#region.textContent = `${this.#texts.splice(0).join(". ")}.`;
    }, PAUSE_MS);
  };
}
