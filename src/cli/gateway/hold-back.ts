/**
 * Holds back what sources send until whoever connected before it has said who they are. Programs connect, write their
 * user's id, and take it for granted that they are told of everything that is sent from then on.
 *
 * Two turns of the event loop pass first: by the second, everyone who was connected when the data came has been accepted,
 * for between them the loop has asked the system for connections once more.
 */

/** How long someone who says nothing can hold up what was sent after they connected; and that once. */
export const HELD_MS_MAX = 250;

export class HoldBack {
  /** Connections that have not said who they are. */
  readonly #unnamed = new Set<object>();
  #waiting: (() => void)[] = [];
  #isScheduled = false;
  /** Those that a round waits for; `undefined` between rounds. */
  #awaited: Set<object> | undefined;
  #release: (() => void) | undefined;

  /** Someone connected. */
  enter(connection: object): void {
    this.#unnamed.add(connection);
  }

  /** They said who they are, and that was passed on; or they are gone. */
  leave(connection: object): void {
    this.#unnamed.delete(connection);
    if (this.#awaited?.delete(connection) === true && this.#awaited.size === 0) this.#release?.();
  }

  /** Does it once whoever is connected now has left; in the order in which it was asked to. */
  run(act: () => void): void {
    this.#waiting.push(act);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => setImmediate(() => this.#round()));
  }

  #round(): void {
    const acts = this.#waiting;
    this.#waiting = [];
    if (this.#unnamed.size === 0) return this.#finish(acts);
    this.#awaited = new Set(this.#unnamed);
    const timer = setTimeout(() => {
      for (const connection of this.#awaited ?? []) this.#unnamed.delete(connection);
      this.#release?.();
    }, HELD_MS_MAX);
    this.#release = () => {
      clearTimeout(timer);
      this.#awaited = this.#release = undefined;
      this.#finish(acts);
    };
  }

  #finish(acts: readonly (() => void)[]): void {
    this.#isScheduled = false;
    for (const act of acts) act();
    this.#schedule();
  }
}
