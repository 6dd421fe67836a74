/**
 * Holds back what sources send until whoever connected before it has said who they are. Programs connect, write their
 * user's id, and take it for granted that they are told of everything that is sent from then on.
 *
 * Connections wait in the system until they are accepted, and each turn of the event loop accepts one. So turns pass until
 * one has accepted nobody: then everyone who was connected when the data came is here.
 */

/** How long someone who says nothing can hold up what was sent after they connected; and that once. */
export const HELD_MS_MAX = 1_000;
/** So many connections wait in the system at the most, first come, first served: who comes after them came later. */
export const BACKLOG = 4_096;

export class HoldBack {
  /** Connections that have not said who they are. */
  readonly #unnamed = new Set<object>();
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;
  /** Those that a round waits for; `undefined` between rounds. */
  #awaited: Set<object> | undefined;
  #release: (() => void) | undefined;
  /** Ever. */
  #entered = 0;

  /** Someone connected. */
  enter(connection: object): void {
    this.#unnamed.add(connection);
    this.#entered += 1;
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
    this.#acceptAll(this.#entered);
  }

  /** The first turn may have begun to look before the data came, so it takes two to see that there is nobody. */
  #acceptAll(enteredBefore: number): void {
    const entered = this.#entered;
    // What comes during the last look has to be looked for in another.
    const waiting = this.#waiting.length;
    twoTurns(() => {
      const isOver = entered === this.#entered || this.#entered - enteredBefore >= BACKLOG;
      if (isOver) this.#round(waiting);
      else this.#acceptAll(enteredBefore);
    });
  }

  #round(count: number): void {
    const acts = this.#waiting.splice(0, count);
    if (this.#unnamed.size === 0) return this.#finish(acts);
    const awaited = new Set(this.#unnamed);
    this.#awaited = awaited;
    // On a busy machine the time may be up before what has come was read, so it is read first.
    const timer = setTimeout(() => twoTurns(() => this.#giveUp(awaited)), HELD_MS_MAX);
    this.#release = () => {
      clearTimeout(timer);
      this.#awaited = this.#release = undefined;
      this.#finish(acts);
    };
  }

  #giveUp(awaited: ReadonlySet<object>): void {
    if (this.#awaited !== awaited) return;
    for (const connection of awaited) this.#unnamed.delete(connection);
    this.#release?.();
  }

  #finish(acts: readonly (() => void)[]): void {
    this.#isScheduled = false;
    for (const act of acts) act();
    this.#schedule();
  }
}

function twoTurns(act: () => void): void {
  setImmediate(() => setImmediate(act));
}
