/**
 * A troop of monkeys from start to judgement: they run until their time is up, then each must come to hold the server's
 * state, and everything the server acknowledged must be in it.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WeirClient, WeirError } from "../../client/index.ts";
import type { Entry, ReplicaStats, SetHandle } from "../../client/index.ts";
import { tokenFromEnvironment } from "../arguments.ts";
import { FileReplicaStorage } from "../file-replica-storage.ts";
import { Monkey } from "./monkey.ts";
import type { MonkeyOptions } from "./monkey-options.ts";

/** Between two looks whether all have converged. */
const LOOK_MS = 100;
/** How long the server's state must stand still before it counts as the last one: other processes may write too. */
const STILL_MS = 2_500;

export interface MonkeyOutcome {
  readonly stats: ReplicaStats;
  readonly homecomings: { readonly all: number; readonly converged: number };
  /** Monkeys that hold the server's state. */
  readonly converged: number;
  /** The state of the server in the end; `undefined` if it could not be had. */
  readonly server: { readonly offset: string; readonly size: number; readonly digest: string } | undefined;
  /** Acknowledged operations that the server knows nothing of; `undefined` if it could not be asked. */
  readonly missing: readonly Entry[] | undefined;
}

export class MonkeyRun {
  readonly #options: MonkeyOptions;
  readonly #set: SetHandle;
  readonly #monkeys: readonly Monkey[];

  constructor(options: MonkeyOptions) {
    this.#options = options;
    const token = tokenFromEnvironment();
    const client = new WeirClient({ url: options.url, ...(token !== undefined && { token }) });
    this.#set = client.set(options.set);
    this.#monkeys = Array.from({ length: options.replicas }, (_, index) => this.#createMonkey(index));
  }

  get stats(): ReplicaStats {
    const sum = { ops: 0, acknowledged: 0, rejected: 0, frames: 0, reconnects: 0, resyncs: 0 };
    for (const { replica } of this.#monkeys) {
      const { stats } = replica.status;
      for (const key of Object.keys(sum) as (keyof ReplicaStats)[]) sum[key] += stats[key];
    }
    return sum;
  }

  /** Monkeys that are connected. */
  get connected(): number {
    return this.#monkeys.filter(({ replica }) => replica.isConnected).length;
  }

  /** Until their time is up, or `signal` ends it early. Throws what the server refuses one of them for. */
  async run(signal: AbortSignal): Promise<void> {
    const refused = new AbortController();
    const until = AbortSignal.any([signal, AbortSignal.timeout(this.#options.durationMs), refused.signal]);
    for (const { replica } of this.#monkeys) {
      replica.subscribe(() => {
        const { refusal } = replica.status;
        if (refusal !== undefined) refused.abort(refusal);
      });
    }
    await Promise.all(this.#monkeys.map((monkey) => monkey.run(until)));
    refused.signal.throwIfAborted();
  }

  /** Waits, at most as long as the options say, until all is well, and tells what is not. */
  async judge(): Promise<MonkeyOutcome> {
    for (const { replica } of this.#monkeys) replica.connect();
    const { settleMs } = this.#options;
    const { server, converged } = await this.#settle(AbortSignal.timeout(settleMs));
    const missing = await ask(this.#findMissing(), AbortSignal.timeout(settleMs));
    for (const { replica } of this.#monkeys) replica.close();
    const homecomings = this.#monkeys.map((monkey) => monkey.homecomings);
    return {
      stats: this.stats,
      homecomings: {
        all: homecomings.reduce((sum, { all }) => sum + all, 0),
        converged: homecomings.reduce((sum, home) => sum + home.converged, 0),
      },
      converged,
      server,
      missing,
    };
  }

  /** Until all hold a state of the server that stands still; or, where others keep writing, until all held one. */
  async #settle(deadline: AbortSignal): Promise<Pick<MonkeyOutcome, "server" | "converged">> {
    let settled: Pick<MonkeyOutcome, "server" | "converged"> = { server: undefined, converged: 0 };
    let seen: string | undefined;
    let stillSinceMs = performance.now();
    while (!deadline.aborted) {
      const server = await ask(this.#set.elements({ limit: 1 }), deadline);
      const converged = this.#monkeys.filter((monkey) => holds(monkey, server)).length;
      if (server === undefined || server.offset !== seen) stillSinceMs = performance.now();
      seen = server?.offset;
      const isStill = performance.now() - stillSinceMs >= STILL_MS;
      if (converged >= settled.converged || isStill) settled = { server, converged };
      if (isStill && converged === this.#monkeys.length) break;
      await sleep(LOOK_MS);
    }
    return settled;
  }

  #createMonkey(index: number): Monkey {
    const { queueDir, kind, seed } = this.#options;
    const path = queueDir === undefined ? undefined : join(queueDir, `${kind}-${index}.queue`);
    return new Monkey(
      this.#set,
      this.#options,
      seed + index,
      path === undefined ? {} : { storage: new FileReplicaStorage(path) },
    );
  }

  async #findMissing(): Promise<readonly Entry[]> {
    const entries = new Map<string, Entry>();
    let since: string | undefined;
    for (let more = true; more;) {
      const page = await this.#set.changes({ limit: 10_000, ...(since !== undefined && { since }) });
      for (const entry of page.changes) entries.set(entry.element, entry);
      since = page.offset;
      more = page.more;
    }
    return this.#monkeys.flatMap(({ acked }) => acked.missing(entries));
  }
}

/** `undefined` where the server doesn't answer in time, or not what was hoped for. */
async function ask<T>(answer: Promise<T>, deadline: AbortSignal): Promise<T | undefined> {
  try {
    return await Promise.race([
      answer,
      new Promise<undefined>((resolve) => whenAborted(deadline, () => resolve(undefined))),
    ]);
  } catch (error) {
    if (error instanceof WeirError) return undefined;
    throw error;
  }
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}

function holds({ replica }: Monkey, server: MonkeyOutcome["server"]): boolean {
  if (server === undefined) return false;
  const { converged, offset, serverSize, digest } = replica.status;
  return converged && offset === server.offset && serverSize === server.size && digest === server.digest;
}
