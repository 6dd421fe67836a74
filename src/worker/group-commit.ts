/**
 * Group commit in the isolate: small writes to one object that arrive together share one call and one transaction.
 * What costs in a durable write is the call and the sync to disk, not the entry.
 *
 * The first writer opens a batch and flushes it in the next turn of the event loop, which is a millisecond or two when there is
 * nothing else to do; writers that come meanwhile add their entry. Three things make sharing a promise between requests safe:
 * - Each writer holds a timer of its own, which is its deadline too; `unless-late.ts` says why.
 * - The batch must outlive the request that opened it, whose client may go away, so it runs under `waitUntil`.
 * - An answer goes to the writer of its entry by position, and a call that answers for more or fewer entries than it was
 *   given is an error for all of them.
 */
import { limits } from "../protocol/limits.ts";
import { refuseForNow, succeed } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";
import { logError } from "./log.ts";
import { countCommit } from "./operations/metrics.ts";
import type { CountedFeature } from "./operations/metrics.ts";
import { unlessLate } from "./unless-late.ts";
import type { WaitUntil } from "./wait-until.ts";

export interface GroupCommitLimits {
  /** What the entries of one batch weigh together; a writer whose entry has no room opens another. */
  readonly weightMax: number;
  /** Writers that wait in this isolate; one more is refused. */
  readonly writersMax: number;
  /** How long a writer waits for its answer. */
  readonly deadlineMs: number;
}

export const DEFAULT_GROUP_COMMIT_LIMITS: GroupCommitLimits = {
  weightMax: 1_000,
  writersMax: 20_000,
  deadlineMs: 10_000,
};

/** Carries out all entries of a batch; answers in their order. Runs in the context of the writer that opened it. */
export type Commit<Entry, Answer> = (entries: readonly Entry[]) => Promise<Result<readonly Answer[]>>;

interface Batch<Entry, Answer> {
  readonly entries: Entry[];
  weight: number;
  /** Never rejects. */
  readonly outcome: Promise<Result<readonly Answer[]>>;
}

export class GroupCommit<Entry, Answer> {
  readonly #feature: CountedFeature;
  readonly #limits: GroupCommitLimits;
  readonly #weigh: (entry: Entry) => number;
  /** The batch of each object that still takes entries. */
  readonly #open = new Map<string, Batch<Entry, Answer>>();
  /** How many calls to each object are not answered yet. */
  readonly #underWay = new Map<string, number>();
  #writers = 0;

  /**
   * @param feature under which its batches are counted
   * @param weigh how much of a batch an entry takes; one that is heavier than a batch may be has one to itself
   */
  constructor(
    feature: CountedFeature,
    groupLimits: GroupCommitLimits = DEFAULT_GROUP_COMMIT_LIMITS,
    weigh: (entry: Entry) => number = () => 1,
  ) {
    this.#feature = feature;
    this.#limits = groupLimits;
    this.#weigh = weigh;
  }

  /**
   * Writes `entry` to the object called `key`, together with what others write to it now.
   *
   * @param commit used if this writer is the first of its batch
   */
  async write(key: string, entry: Entry, commit: Commit<Entry, Answer>, waitUntil: WaitUntil): Promise<Result<Answer>> {
    if (this.#writers >= this.#limits.writersMax) return refuseForNow("Too many writes wait here already.");
    const weight = this.#weigh(entry);
    let batch = this.#open.get(key);
    if (batch === undefined || batch.weight + weight > this.#limits.weightMax) {
      // What is heavier than a single write is worth a call of its own, unless the object is at work anyway.
      batch = this.#openBatch(key, commit, weight <= 1 || this.#underWay.has(key));
      waitUntil(batch.outcome);
    }
    const position = batch.entries.push(entry) - 1;
    batch.weight += weight;

    this.#writers += 1;
    try {
      const outcome = await unlessLate(batch.outcome, this.#limits.deadlineMs, refuseLate);
      if (!outcome.ok) return outcome;
      return succeed(outcome.value[position] as Answer);
    } finally {
      this.#writers -= 1;
    }
  }

  /** @param waits a turn of the event loop for other writers */
  #openBatch(key: string, commit: Commit<Entry, Answer>, waits: boolean): Batch<Entry, Answer> {
    const entries: Entry[] = [];
    const flush = async (): Promise<Result<readonly Answer[]>> => {
      await (waits ? scheduler.wait(0) : undefined);
      if (this.#open.get(key) === batch) this.#open.delete(key);
      this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
      countCommit(this.#feature, batch.weight);
      try {
        const outcome = await commit(entries);
        if (outcome.ok && outcome.value.length !== entries.length) {
          throw new Error(`A commit of ${entries.length} entries gave ${outcome.value.length} answers`);
        }
        return outcome;
      } catch (error) {
        logError(error);
        return refuseForNow("The write failed; it may have been carried out.");
      } finally {
        const others = (this.#underWay.get(key) ?? 1) - 1;
        if (others === 0) this.#underWay.delete(key);
        else this.#underWay.set(key, others);
      }
    };
    const batch: Batch<Entry, Answer> = { entries, weight: 0, outcome: flush() };
    this.#open.set(key, batch);
    return batch;
  }
}

function refuseLate(): Result<never> {
  return refuseForNow("The write was not answered in time; it may have been carried out.");
}

/** Of what whole requests bring: a call is at most as large as one of them may be. */
export function groupRequests<Entry, Answer>(feature: CountedFeature): GroupCommit<readonly Entry[], Answer> {
  const groupLimits = { ...DEFAULT_GROUP_COMMIT_LIMITS, weightMax: limits.batchEntriesMax };
  return new GroupCommit(feature, groupLimits, ({ length }) => length);
}

/** What was answered to all `parts` in one list, to each its own. */
export function answersOf<T>(parts: readonly (readonly unknown[])[], answers: readonly T[]): readonly (readonly T[])[] {
  let from = 0;
  return parts.map(({ length }) => answers.slice(from, (from += length)));
}
