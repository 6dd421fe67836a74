/**
 * A maze against a server of the line protocol, from start to judgement: listeners connect and say who they are, and the
 * source floods from the first moment. Then each listener must have its lines and nothing else.
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { MazeOptions } from "./maze-options.ts";
import { createPlan } from "./maze-plan.ts";
import type { MazePlan } from "./maze-plan.ts";
import { MazeUser } from "./maze-user.ts";

/** Between two looks whether all is there. */
const LOOK_MS = 20;

export interface WrongListener {
  readonly user: string;
  readonly fault: string;
}

export interface MazeStats {
  /** Batches that the source has sent. */
  readonly batches: number;
  /** Lines that listeners got, and that were right. */
  readonly lines: number;
  readonly connected: number;
}

export class MazeRun {
  readonly #options: MazeOptions;
  readonly #plan: MazePlan;
  readonly #users: readonly MazeUser[];
  /** All lines that listeners are to get; fewer for those who come late. */
  readonly total: number;
  #sentBatches = 0;
  #connected = 0;

  constructor(options: MazeOptions) {
    this.#options = options;
    this.#plan = createPlan(options);
    this.#users = this.#plan.listeners.map((listener) => new MazeUser(listener, this.#plan.arena, options.lineEnd));
    this.total = this.#plan.listeners.reduce((sum, { expected }) => sum + expected.length, 0);
  }

  get stats(): MazeStats {
    const lines = this.#users.reduce((sum, { checker }) => sum + checker.lines, 0);
    return { batches: this.#sentBatches, lines, connected: this.#connected };
  }

  /** Events that are never sent. */
  get missing(): number {
    return this.#plan.missing;
  }

  /** From 0 to 1. */
  get done(): number {
    const lacking = this.#users.reduce((sum, { checker }) => sum + checker.lacking, 0);
    return (this.#sentBatches / this.#plan.batches + (1 - lacking / Math.max(1, this.total))) / 2;
  }

  /** Rejects where nothing listens. */
  async run(signal: AbortSignal): Promise<void> {
    const { host, userPort } = this.#options;
    const early = this.#users.filter(({ listener }) => listener.afterBatch === undefined);
    await Promise.all(
      early.map(async (user) => {
        await user.connect({ host, port: userPort });
        this.#connected += 1;
      }),
    );
    await this.#flood(signal);
    await this.#settle(signal);
    // Whatever should not have come has this long to come all the same.
    await sleep(this.#options.quietMs);
  }

  /** Listeners that did not get what they must, or got what they must not. */
  judge(): readonly WrongListener[] {
    const wrong = this.#users.flatMap(({ listener, fault, checker }) => {
      const lacks = checker.isComplete ? undefined : `lacks ${checker.lacking} lines after ${checker.lines}`;
      const said = fault ?? lacks;
      return said === undefined ? [] : [{ user: listener.name, fault: said }];
    });
    for (const user of this.#users) user.close();
    return wrong;
  }

  async #flood(signal: AbortSignal): Promise<void> {
    const { host, sourcePort } = this.#options;
    const source = connect({ host, port: sourcePort });
    let failure: Error | undefined;
    source.on("error", (error) => (failure = error));
    source.resume();
    await new Promise<void>((resolve) => source.once("connect", resolve).once("close", () => resolve()));
    for (let batch = 0; batch < this.#plan.batches && !signal.aborted; batch++) {
      if (failure !== undefined || source.destroyed) break;
      const bytes = this.#plan.batchBytes(batch);
      this.#sentBatches = batch + 1;
      if (!source.write(bytes)) await drained(source);
      this.#connectThoseAfter(batch);
    }
    if (failure !== undefined) throw failure;
    if (source.destroyed) throw new Error(`The source was disconnected after ${this.#sentBatches} batches.`);
    source.end();
  }

  /** They connect while the source goes on. */
  #connectThoseAfter(batch: number): void {
    const { host, userPort } = this.#options;
    for (const user of this.#users) {
      if (user.listener.afterBatch !== batch) continue;
      const entered = (): void => {
        this.#connected += 1;
        user.checker.mustHaveFrom(this.#plan.firstOfBatch(this.#sentBatches));
      };
      user.connect({ host, port: userPort }).then(entered, () => {});
    }
  }

  /** Until everyone has everything, or nothing has come for so long that nothing will. */
  async #settle(signal: AbortSignal): Promise<void> {
    let lines = -1;
    let stillMs = 0;
    while (!signal.aborted && stillMs < this.#options.settleMs) {
      if (this.#users.every((user) => user.isDone) && this.#connected === this.#users.length) return;
      await sleep(LOOK_MS);
      const now = this.stats.lines;
      stillMs = now === lines ? stillMs + LOOK_MS : 0;
      lines = now;
    }
  }
}

/** Resolves once there is room for more, or never will be. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
