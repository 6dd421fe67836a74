/**
 * Sends entries until the server has acknowledged them. At most one request is under way; what is reported meanwhile
 * makes the next one larger. Every entry has an id and counts once, so whatever might not have arrived is sent again.
 *
 * What the server refuses for good is taken out of the queue, with no more than the report that it came with.
 */
import { backoffMs } from "../backoff.ts";
import type { Runtime } from "../runtime.ts";
import { WeirError } from "../weir-error.ts";
import type { WeirErrorCode } from "../weir-error.ts";
import { EntryQueue } from "./entry-queue.ts";
import type { Queued } from "./entry-queue.ts";
import { onPageHidden } from "./page-hidden.ts";

/** Entries that may wait; one more is refused. Some 20 MB at most, and typically a tenth of that. */
export const QUEUE_ENTRIES_MAX = 100_000;

/** What browsers let a page send while it goes away, all requests together, is 64 KiB. */
const FAREWELL_BYTES_MAX = 60 * 1024;

const passing: ReadonlySet<WeirErrorCode> = new Set(["network", "overloaded", "rate_limited", "internal"]);

export interface PostOptions {
  readonly signal: AbortSignal;
  /** Goes on though the page that sends it is gone. */
  readonly keepalive: boolean;
}

export interface BatchSenderOptions<Entry, Verdict> {
  readonly runtime: Pick<Runtime, "random" | "setTimer">;
  /** One request; what the server says of each entry, in their order. */
  readonly post: (entries: readonly Entry[], options: PostOptions) => Promise<readonly Verdict[]>;
  readonly entriesMax?: number;
}

export class BatchSender<Entry, Verdict> {
  readonly #options: BatchSenderOptions<Entry, Verdict>;
  readonly #queue: EntryQueue<Entry, Verdict>;
  readonly #closing = new AbortController();
  #sending = false;
  /** Ends the wait for the next try, or for what else is reported in this turn; `undefined` when there is none. */
  #cancelTimer: (() => void) | undefined;
  #failures = 0;
  /** After a refusal, until a batch goes through: whose fault it was shows only one report at a time. */
  #alone = false;
  #idle: (() => void)[] = [];

  constructor(options: BatchSenderOptions<Entry, Verdict>) {
    this.#options = options;
    this.#queue = new EntryQueue(options.entriesMax ?? QUEUE_ENTRIES_MAX);
    onPageHidden(() => this.farewell(), this.#closing.signal);
  }

  /** Entries that are not acknowledged. */
  get pending(): number {
    return this.#queue.size;
  }

  /** Resolves with one verdict for each entry once all are acknowledged; rejects if they can't be. */
  send(entries: readonly Entry[]): Promise<readonly Verdict[]> {
    if (entries.length === 0) return Promise.resolve([]);
    if (this.#closing.signal.aborted) return Promise.reject(closed());
    if (!this.#queue.hasRoomFor(entries.length)) return Promise.reject(full(this.#queue.size));
    return new Promise((resolve, reject) => {
      const verdicts = Array.from<Verdict>({ length: entries.length });
      this.#queue.push(entries, { verdicts, waiting: entries.length, resolve, reject });
      // In a turn of its own, so that what is reported in a loop goes together.
      if (!this.#sending && this.#cancelTimer === undefined) this.#sendIn(0);
    });
  }

  /** Tries at once, if it was waiting to; resolves when nothing waits any more. */
  flush(): Promise<void> {
    if (this.#queue.size === 0) return Promise.resolve();
    if (!this.#sending) this.#sendIn(0);
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** The page may be gone in an instant. Sends what can still be sent; if the page stays, it is merely sent twice. */
  farewell(): void {
    const batch = this.#queue.batch(false, FAREWELL_BYTES_MAX);
    if (batch.length > 0) this.#post(batch, true).catch(() => {});
  }

  /** Sends no more; what waits is rejected. */
  close(): void {
    this.#closing.abort();
    this.#clearTimer();
    for (const report of this.#queue.clear()) report.reject(closed());
    this.#settleIdle();
  }

  #sendIn(ms: number): void {
    this.#clearTimer();
    this.#cancelTimer = this.#options.runtime.setTimer(ms, () => {
      this.#cancelTimer = undefined;
      void this.#sendBatch();
    });
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#queue.batch(this.#alone);
    if (batch.length === 0) return;
    this.#sending = true;
    let pauseMs = 0;
    try {
      const verdicts = await this.#post(batch, false);
      if (verdicts.length !== batch.length) throw new WeirError({ code: "internal", detail: "Verdicts are missing." });
      this.#settle(batch, verdicts);
    } catch (error) {
      pauseMs = this.#fail(batch, error);
    }
    this.#sending = false;
    if (this.#queue.size > 0) this.#sendIn(pauseMs);
    else this.#settleIdle();
  }

  #post(batch: readonly Queued<Entry, Verdict>[], keepalive: boolean): Promise<readonly Verdict[]> {
    const entries = batch.map(({ entry }) => entry);
    return this.#options.post(entries, { signal: this.#closing.signal, keepalive });
  }

  #settle(batch: readonly Queued<Entry, Verdict>[], verdicts: readonly Verdict[]): void {
    if (this.#closing.signal.aborted) return;
    this.#queue.shift(batch.length);
    this.#failures = 0;
    this.#alone = false;
    for (const [position, { report, index }] of batch.entries()) {
      report.verdicts[index] = verdicts[position] as Verdict;
      report.waiting -= 1;
      if (report.waiting === 0) report.resolve(report.verdicts);
    }
  }

  /** Answers how long to wait. */
  #fail(batch: readonly Queued<Entry, Verdict>[], error: unknown): number {
    if (this.#closing.signal.aborted) return 0;
    if (!(error instanceof WeirError) || passing.has(error.code)) {
      this.#failures += 1;
      const asked = error instanceof WeirError ? (error.retryAfterS ?? 0) * 1000 : 0;
      return asked + backoffMs(this.#failures, this.#options.runtime.random());
    }
    const reports = new Set(batch.map(({ report }) => report));
    this.#alone = true;
    const [report] = reports;
    if (report !== undefined && reports.size === 1) {
      this.#queue.drop(report);
      report.reject(error);
      this.#alone = false;
    }
    return 0;
  }

  #settleIdle(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  #clearTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

function closed(): WeirError {
  return new WeirError({ code: "network", detail: "The client was closed before this was acknowledged." });
}

function full(waiting: number): WeirError {
  return new WeirError({ code: "overloaded", detail: `${waiting} wait already. Report these again later.` });
}
