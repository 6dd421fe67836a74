/** A chaos monkey: one replica, and someone restless at it. */
import { setTimeout as sleep } from "node:timers/promises";
import { LwwSetReplica } from "../../client/index.ts";
import type { LwwSetReplicaOptions, SetHandle } from "../../client/index.ts";
import { AckedLedger } from "./acked-ledger.ts";
import type { MonkeyOptions } from "./monkey-options.ts";
import { seededRandom } from "../seeded-random.ts";

/** Between two looks what is due. */
const TICK_MS = 10;
/** The shortest and the longest stretch that an `offline` monkey stays away, and that it stays home. */
const AWAY_MS = [1_000, 4_000] as const;
const HOME_MS = [500, 2_000] as const;
/** How long convergence may take after coming home, before that homecoming counts as failed. */
const HOMECOMING_MS = 10_000;
const ADD_SHARE = 0.6;

export class Monkey {
  readonly replica: LwwSetReplica;
  readonly acked: AckedLedger;
  readonly #options: MonkeyOptions;
  readonly #random: () => number;
  #ops = 0;
  #homecomings = 0;
  #convergedHomecomings = 0;

  constructor(set: SetHandle, options: MonkeyOptions, seed: number, storage: Pick<LwwSetReplicaOptions, "storage">) {
    this.#options = options;
    this.#random = seededRandom(seed);
    this.acked = new AckedLedger(options.bias);
    this.replica = new LwwSetReplica(set, { bias: options.bias, ...storage });
    this.replica.subscribe((event) => {
      if (event.type === "acknowledged") this.acked.record(event.ops, event.verdicts);
    });
  }

  get homecomings(): { readonly all: number; readonly converged: number } {
    return { all: this.#homecomings, converged: this.#convergedHomecomings };
  }

  /** Until everything it was told is done, or `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const until = AbortSignal.any([signal, done.signal]);
    const { kind } = this.#options;
    if (kind !== "offline") this.replica.connect();
    const tasks = [kind === "viewer" ? pause(Infinity, until) : this.#write(until)];
    if (kind === "offline") tasks.push(this.#wander(until));
    // The writing ends by itself when all operations are done; then the wandering has no more purpose.
    await tasks[0];
    done.abort();
    await Promise.all(tasks);
  }

  /** Adds and removes at the rate; what falls due while it may not write is not made up for. */
  async #write(signal: AbortSignal): Promise<void> {
    const { ratePerS, count, kind } = this.#options;
    let owed = 0;
    let lastMs = performance.now();
    while (!signal.aborted && this.#ops < count) {
      await pause(TICK_MS, signal);
      const nowMs = performance.now();
      owed = Math.min(owed + ((nowMs - lastMs) * ratePerS) / 1000, ratePerS);
      lastMs = nowMs;
      const mayWrite = kind === "offline" || this.replica.isConnected;
      if (!mayWrite) owed %= 1;
      for (; owed >= 1 && this.#ops < count && !signal.aborted; owed -= 1) this.#writeOne();
    }
  }

  #writeOne(): void {
    const element = elementName(Math.floor(this.#random() * this.#options.elements));
    if (this.#random() < ADD_SHARE) this.replica.add(element);
    else this.replica.remove(element);
    this.#ops += 1;
  }

  /** Away, home, away... */
  async #wander(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.replica.disconnect();
      await pause(this.#between(AWAY_MS), signal);
      if (signal.aborted) return;
      this.replica.connect();
      const outcomes = [this.replica.whenConverged(HOMECOMING_MS), pause(HOMECOMING_MS, signal)] as const;
      const converged = (await Promise.race(outcomes)) === true;
      // Being called off on the way is no failure.
      if (!converged && signal.aborted) return;
      this.#homecomings += 1;
      if (converged) this.#convergedHomecomings += 1;
      await pause(this.#between(HOME_MS), signal);
    }
  }

  #between([min, max]: readonly [number, number]): number {
    return min + this.#random() * (max - min);
  }
}

/** Most names are plain; some hold what paths, JSON and encodings trip over. */
function elementName(index: number): string {
  if (index % 16 !== 7) return `element-${index}`;
  return ["..", `snow ☃ ${index}`, `${index}/\\"?#%2e&`, `\u{1f412}\u{10ffff} ${index}`][(index >> 4) % 4] ?? "";
}

/** Ends early, and quietly, when `signal` does. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const LONG_MS = 2 ** 30;
  await sleep(Math.min(ms, LONG_MS), undefined, { signal }).catch(() => {});
}
