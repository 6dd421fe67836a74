/**
 * One stream over a store: puts lines into the order of their numbers, decides whom each concerns, and keeps what replay
 * needs. What comes is taken turn by turn; a turn is one commit.
 *
 * Everything is synchronous. When a commit throws, the memory here is ahead of the store: make another over it.
 */
import { readLines } from "./line.ts";
import type { Lines, StreamEvent } from "./line.ts";
import { DEAD_LETTERS_MAX, DeadLetters } from "./dead-letters.ts";
import { ReorderBuffer } from "./reorder-buffer.ts";
import type { Listener, Replay } from "./replay.ts";
import { recipientsOf } from "./router.ts";
import type { Users } from "./router.ts";
import { SkippedGaps } from "./skipped-gaps.ts";
import { SteadyClock } from "./steady-clock.ts";
import { StreamHistory } from "./stream-history.ts";
import { DEFAULT_STREAM_OPTIONS } from "./stream-options.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StoredDeadLetter, StreamHead, StreamStore, StreamTotals } from "./stream-store.ts";
import { UserFollows } from "./user-follows.ts";

/** What waits may weigh, in UTF-16 code units. */
export const BUFFERED_UNITS_MAX = 16 << 20;
/** A hole that was there before a restart stays this long at least, so that a source can come back and fill it. */
export const RESTART_GRACE_MS = 5_000;

/** The longest line, by which room in units is turned into room in lines. */
const LINE_UNITS_MAX = 1_024;

/** What became of the lines of a turn. */
export interface Taken {
  /** All that were not empty. */
  readonly lines: number;
  readonly duplicates: number;
  readonly deadLetters: number;
}

/** The hole at which a stream stands. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly seenMs: number;
  /** `undefined`: it is never skipped. */
  readonly dueMs: number | undefined;
}

/** The users that are there to be told, and what they are told. */
export interface Audience extends Listener {
  /** Those to whom the next event is of interest. */
  readonly users: Users;
}

const NO_TOTALS: StreamTotals = {
  follow: 0,
  unfollow: 0,
  broadcast: 0,
  private: 0,
  status: 0,
  gaps: 0,
  skipped: 0,
  duplicates: 0,
  deadLetters: 0,
};

const TOTAL_OF = { F: "follow", U: "unfollow", B: "broadcast", P: "private", S: "status" } as const;

type MutableTotals = { -readonly [Name in keyof StreamTotals]: StreamTotals[Name] };

export class OrderedStream {
  readonly #store: StreamStore;
  readonly #audience: Audience;
  readonly #clock: SteadyClock;
  readonly #loadedMs: number;
  readonly #buffer = new ReorderBuffer();
  readonly #history: StreamHistory;
  readonly #gaps = new SkippedGaps();
  /** Of the audience's users. */
  readonly #follows = new UserFollows();
  readonly #deadLetters = new DeadLetters();
  readonly #totals: MutableTotals;
  #head: StreamHead | undefined;
  #cursor: number;
  /** Of the turn that goes on. */
  #newGaps: number[] = [];

  constructor(store: StreamStore, audience: Audience, nowMs: number) {
    this.#store = store;
    this.#audience = audience;
    this.#clock = new SteadyClock(nowMs);
    this.#loadedMs = nowMs;
    this.#head = store.head();
    this.#totals = { ...(this.#head?.totals ?? NO_TOTALS) };
    this.#cursor = this.#head?.cursor ?? DEFAULT_STREAM_OPTIONS.firstSequence - 1;
    this.#history = new StreamHistory(store, this.#head);
    for (const user of audience.users.keys()) this.join(user);
    this.#buffer.restore(store.held(), this.#cursor, nowMs);
    const gaps = store.gaps();
    for (let at = 0; at < gaps.length; at += 2) this.#gaps.push(gaps[at] as number, gaps[at + 1] as number);
  }

  get cursor(): number {
    return this.#cursor;
  }

  get buffered(): number {
    return this.#buffer.size;
  }

  get options(): StreamOptions {
    return this.#head?.options ?? DEFAULT_STREAM_OPTIONS;
  }

  get totals(): StreamTotals {
    return this.#totals;
  }

  /** How many follows hold. */
  get follows(): number {
    return this.#history.graph.size;
  }

  /** The least number from which replay is complete. */
  get oldest(): number {
    return this.#head?.oldest ?? this.#cursor;
  }

  /** How many lines may come now, whatever they are, without anything here outgrowing its bounds. */
  get room(): number {
    return Math.max(
      0,
      Math.min(this.#linesLeft(), Math.floor(this.#unitsLeft() / LINE_UNITS_MAX), this.#followsLeft()),
    );
  }

  /** A user who was not among the audience's is from now on. */
  join(user: string): void {
    this.#follows.join(user, this.#history.graph, this.#cursor);
  }

  /** A user who was among the audience's no longer is. */
  leave(user: string): void {
    this.#follows.leave(user, this.#history.graph, this.#cursor);
  }

  /** Creates the stream, or changes its options. The number it began with can't be changed afterwards. */
  configure(options: Partial<StreamOptions>): "created" | "changed" | "conflict" {
    const head = this.#head;
    const { firstSequence } = this.options;
    if (head !== undefined && (options.firstSequence ?? firstSequence) !== firstSequence) return "conflict";
    const next = { ...this.options, ...options };
    if (head === undefined) this.#cursor = next.firstSequence - 1;
    this.#commit(next, 0);
    return head === undefined ? "created" : "changed";
  }

  /** Takes all of `text`, or, if there is no room for it, nothing. */
  offer(text: string, nowMs: number): Taken | "buffer full" | "graph full" {
    const lines = readLines(text);
    if (!this.#hasRoomFor(lines)) return "buffer full";
    const follows = lines.events.reduce((count, event) => count + (event.type === "F" ? 1 : 0), 0);
    if (follows > this.#followsLeft()) return "graph full";
    return this.#take(lines, nowMs);
  }

  /** Takes `text`, for which there must be room. */
  take(text: string, nowMs: number): Taken {
    return this.#take(readLines(text), nowMs);
  }

  /** Skips the hole if it is due. Answers whether it was. */
  expire(nowMs: number): boolean {
    const now = this.#clock.now(nowMs);
    const before = this.#cursor;
    this.#skipDue(now);
    if (this.#cursor === before) return false;
    this.#commit(this.options, now);
    return true;
  }

  gap(nowMs: number): Gap | undefined {
    const oldest = this.#buffer.oldest(this.#clock.now(nowMs));
    const next = this.#buffer.next(this.#cursor);
    if (next === undefined || oldest === undefined) return undefined;
    const seenMs = this.#clock.outside(oldest.seenMs);
    return { from: this.#cursor + 1, to: next - 1, seenMs, dueMs: this.dueMs(nowMs) };
  }

  /** When the hole is due to be skipped; `undefined`: there is none, or it never is. */
  dueMs(nowMs: number): number | undefined {
    const oldest = this.#buffer.oldest(this.#clock.now(nowMs));
    const dueMs = oldest === undefined ? Infinity : this.#dueMs(oldest);
    return dueMs === Infinity ? undefined : this.#clock.outside(dueMs);
  }

  /** Tells `users` what came after `since`, which must be from {@link oldest} to {@link cursor}. */
  replay(users: Users, since: number): Replay {
    return this.#history.replay(users, since);
  }

  /** Dead letters with ids above `after`, in order, at most `limit` of the newest that are kept. */
  deadLetters(after: number, limit: number): readonly StoredDeadLetter[] {
    return this.#store.deadLetters(Math.max(after, this.#totals.deadLetters - DEAD_LETTERS_MAX), limit);
  }

  #take(lines: Lines, nowMs: number): Taken {
    const now = this.#clock.now(nowMs);
    const { duplicates, deadLetters } = this.#totals;
    for (const { reason, line } of lines.dead) this.#bury(reason, line, nowMs);
    for (const event of lines.events) this.#admit(event, nowMs);
    this.#skipDue(now);
    if (lines.count > 0) this.#commit(this.options, now);
    return {
      lines: lines.count,
      duplicates: this.#totals.duplicates - duplicates,
      deadLetters: this.#totals.deadLetters - deadLetters,
    };
  }

  #admit(event: StreamEvent, nowMs: number): void {
    const { sequence } = event;
    if (sequence <= this.#cursor) {
      if (sequence < this.options.firstSequence || this.#gaps.has(sequence)) this.#bury("too_late", event.line, nowMs);
      else this.#totals.duplicates += 1;
    } else if (this.#buffer.has(sequence)) {
      this.#totals.duplicates += 1;
    } else if (sequence === this.#cursor + 1) {
      this.#process(event);
      this.#drain();
    } else {
      this.#buffer.put(event);
    }
  }

  #drain(): void {
    for (let next = this.#buffer.take(this.#cursor + 1); next !== undefined;) {
      this.#process(next);
      next = this.#buffer.take(this.#cursor + 1);
    }
  }

  #process(event: StreamEvent): void {
    this.#cursor = event.sequence;
    this.#totals[TOTAL_OF[event.type]] += 1;
    this.#history.add(event);
    this.#follows.apply(event);
    const recipients = recipientsOf(event, this.#audience.users, this.#follows);
    if (recipients !== undefined) this.#audience.told(event, recipients);
  }

  #skipDue(now: number): void {
    for (;;) {
      const oldest = this.#buffer.oldest(now);
      if (oldest === undefined || this.#dueMs(oldest) > now) return;
      const next = this.#buffer.next(this.#cursor);
      if (next === undefined) return;
      const [from, to] = [this.#cursor + 1, next - 1];
      this.#gaps.push(from, to);
      this.#newGaps.push(from, to);
      this.#totals.gaps += 1;
      this.#totals.skipped += to - from + 1;
      this.#audience.skipped(from, to);
      this.#cursor = to;
      this.#drain();
    }
  }

  #dueMs({ seenMs, isRestored }: { readonly seenMs: number; readonly isRestored: boolean }): number {
    const { eventTimeoutMs } = this.options;
    if (eventTimeoutMs < 0) return Infinity;
    return Math.max(seenMs + eventTimeoutMs, isRestored ? this.#loadedMs + RESTART_GRACE_MS : 0);
  }

  #bury(reason: StoredDeadLetter["reason"], line: string, nowMs: number): void {
    this.#totals.deadLetters += 1;
    this.#deadLetters.add({ id: this.#totals.deadLetters, atMs: nowMs, reason, line });
  }

  #linesLeft(): number {
    return this.options.maxBuffered - this.#buffer.size;
  }

  #unitsLeft(): number {
    return BUFFERED_UNITS_MAX - this.#buffer.units;
  }

  #followsLeft(): number {
    return this.#history.followsLeft - this.#buffer.follows;
  }

  /** Whether no more waits afterwards than may, or than waits now: so the line that fills the hole is always taken. */
  #hasRoomFor({ events }: Lines): boolean {
    if (events.length <= this.#linesLeft() && events.length * LINE_UNITS_MAX <= this.#unitsLeft()) return true;
    const fresh = new Map<number, number>();
    let units = 0;
    for (const { sequence, line } of events) {
      if (sequence <= this.#cursor || this.#buffer.has(sequence) || fresh.has(sequence)) continue;
      fresh.set(sequence, line.length);
      units += line.length;
    }
    if (fresh.size <= this.#linesLeft() && units <= this.#unitsLeft()) return true;
    let freed = 0;
    let freedUnits = 0;
    for (let next = this.#cursor + 1; ; next++) {
      const weight = fresh.get(next) ?? this.#buffer.unitsOf(next);
      if (weight === undefined) break;
      freed += 1;
      freedUnits += weight;
    }
    return fresh.size - freed <= Math.max(0, this.#linesLeft()) && units - freedUnits <= Math.max(0, this.#unitsLeft());
  }

  #commit(options: StreamOptions, now: number): void {
    const history = this.#history.settle(this.#head, options, this.#cursor);
    const { added, removed } = this.#buffer.settle(this.#cursor, now);
    const head: StreamHead = { options, cursor: this.#cursor, totals: { ...this.#totals }, ...history.head };
    this.#store.commit({
      head,
      ...history.commit,
      held: added,
      passed: removed,
      gaps: this.#newGaps,
      gapsTrimmed: this.#gaps.trim(head.oldest),
      ...this.#deadLetters.take(this.#totals.deadLetters),
    });
    this.#head = head;
    this.#newGaps = [];
  }
}
