/**
 * The lines that wait for a hole before them to be filled: found by number in O(1) however many there are, and written
 * down in groups, one for each turn that brought any. A group also tells since when: lines come in the order of time, so
 * the oldest group of which any line still waits is when the hole at the cursor was first seen.
 */
import { parseLine } from "./line.ts";
import type { StreamEvent } from "./line.ts";
import { SequenceIndex } from "./sequence-index.ts";
import type { HeldLines } from "./stream-store.ts";

/** A row of the database takes 2 MB, and a UTF-16 code unit is at most 3 bytes of UTF-8. */
export const GROUP_UNITS_MAX = 600_000;

/** When this much more is written down than still waits, it is written anew. */
const WASTE_UNITS_MAX = 4 << 20;

interface Group {
  readonly id: number;
  readonly seenMs: number;
  readonly isRestored: boolean;
  /** Lines that still wait. */
  waiting: number;
  waitingUnits: number;
  /** As it is written down. */
  units: number;
}

interface Waiting {
  readonly line: string;
  /** `undefined` while the turn that brought it goes on. */
  readonly group: Group | undefined;
  /** Kept while the turn goes on, so that it need not be parsed again. */
  readonly event: StreamEvent | undefined;
}

/** What a turn changes of what is written down. */
export interface HeldChange {
  readonly added: readonly HeldLines[];
  /** The ids of groups that are no longer needed. */
  readonly removed: readonly number[];
}

export class ReorderBuffer {
  readonly #waiting = new Map<number, Waiting>();
  readonly #index = new SequenceIndex();
  /** In the order of time; those before `#oldest` have passed. */
  #groups: Group[] = [];
  #oldest = 0;
  #nextId = 1;
  #fresh: number[] = [];
  #passed: number[] = [];
  #units = 0;
  #writtenUnits = 0;
  #follows = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** What the lines weigh, in UTF-16 code units. */
  get units(): number {
    return this.#units;
  }

  /** How many of the lines are follows. */
  get follows(): number {
    return this.#follows;
  }

  has(sequence: number): boolean {
    return this.#waiting.has(sequence);
  }

  /** An event that must wait; none of its number does. */
  put(event: StreamEvent): void {
    this.#waiting.set(event.sequence, { line: event.line, group: undefined, event });
    this.#index.add(event.sequence);
    this.#fresh.push(event.sequence);
    this.#units += event.line.length;
    if (event.type === "F") this.#follows += 1;
  }

  /** What the line of that number weighs, if it waits. */
  unitsOf(sequence: number): number | undefined {
    return this.#waiting.get(sequence)?.line.length;
  }

  /** The event of that number, which no longer waits. */
  take(sequence: number): StreamEvent | undefined {
    const waiting = this.#waiting.get(sequence);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(sequence);
    const event = waiting.event ?? parseHeld(waiting.line);
    this.#units -= waiting.line.length;
    if (event.type === "F") this.#follows -= 1;
    const { group } = waiting;
    if (group !== undefined) {
      group.waiting -= 1;
      group.waitingUnits -= waiting.line.length;
      if (group.waiting === 0) this.#pass(group);
    }
    return event;
  }

  /** The least number above `cursor` that waits. */
  next(cursor: number): number | undefined {
    return this.#index.next(cursor, (sequence) => this.#waiting.has(sequence));
  }

  /** When the first of the lines that wait came, if one does; those of the turn that goes on came at `nowMs`. */
  oldest(nowMs: number): { readonly seenMs: number; readonly isRestored: boolean } | undefined {
    while (this.#groups[this.#oldest]?.waiting === 0) this.#oldest += 1;
    if (this.#waiting.size === 0) return undefined;
    return this.#groups[this.#oldest] ?? { seenMs: nowMs, isRestored: false };
  }

  /**
   * Ends a turn: what came with it and still waits is to be written down.
   *
   * The lines are copied, since a part of a string keeps the whole of it in memory, which here is all that came with it.
   */
  settle(cursor: number, nowMs: number): HeldChange {
    this.#index.pass(cursor);
    this.#dropPassed();
    const fresh = this.#fresh.filter((sequence) => this.#waiting.has(sequence));
    this.#fresh = [];
    const written = this.#write(fresh, nowMs);
    const isWasteful = this.#writtenUnits > 2 * this.#units + WASTE_UNITS_MAX;
    const added = isWasteful ? [...written, ...this.#rewrite()] : written;
    const removed = this.#passed;
    this.#passed = [];
    return { added, removed };
  }

  /** Takes back what was written down. The lines whose numbers are not above `cursor` have passed. */
  restore(held: Iterable<HeldLines>, cursor: number, nowMs: number): void {
    for (const { id, seenMs: sinceMs, text } of held) {
      // The clock may have stepped back meanwhile.
      const seenMs = Math.min(sinceMs, nowMs);
      const group: Group = { id, seenMs, isRestored: true, waiting: 0, waitingUnits: 0, units: text.length };
      this.#nextId = Math.max(this.#nextId, id + 1);
      this.#writtenUnits += text.length;
      for (const line of copied(text.split("\n"))) {
        const event = parseHeld(line);
        if (event.sequence > cursor) this.#hold(event.sequence, line, group, event.type === "F");
      }
      if (group.waiting === 0) this.#pass(group);
      else this.#groups.push(group);
    }
    this.#groups.sort((a, b) => a.seenMs - b.seenMs);
  }

  /** A line that was not counted before. */
  #hold(sequence: number, line: string, group: Group, isFollow: boolean): void {
    this.#waiting.set(sequence, { line, group, event: undefined });
    this.#index.add(sequence);
    this.#units += line.length;
    group.waiting += 1;
    group.waitingUnits += line.length;
    if (isFollow) this.#follows += 1;
  }

  /** Puts lines that wait into groups of their own. */
  #write(sequences: readonly number[], seenMs: number, isRestored = false): HeldLines[] {
    const lines = copied(sequences.map((sequence) => this.#waiting.get(sequence)?.line ?? ""));
    const written: HeldLines[] = [];
    for (let from = 0; from < lines.length;) {
      let units = 0;
      let to = from;
      while (to < lines.length && units <= GROUP_UNITS_MAX) units += (lines[to++]?.length ?? 0) + 1;
      const group: Group = { id: this.#nextId++, seenMs, isRestored, waiting: to - from, waitingUnits: 0, units };
      for (let at = from; at < to; at++) {
        const line = lines[at] ?? "";
        group.waitingUnits += line.length;
        this.#waiting.set(sequences[at] ?? 0, { line, group, event: undefined });
      }
      this.#groups.push(group);
      this.#writtenUnits += units;
      written.push({ id: group.id, seenMs, text: lines.slice(from, to).join("\n") });
      from = to;
    }
    return written;
  }

  /** Writes groups anew of which most has passed, so that what is written down is bounded by what waits. */
  #rewrite(): HeldLines[] {
    const sparse = new Map<Group, number[]>();
    for (const [sequence, { group }] of this.#waiting) {
      if (group === undefined || group.waitingUnits * 2 > group.units) continue;
      const sequences = sparse.get(group);
      if (sequences === undefined) sparse.set(group, [sequence]);
      else sequences.push(sequence);
    }
    const written: HeldLines[] = [];
    for (const [group, sequences] of sparse) {
      for (const held of this.#write(sequences, group.seenMs, group.isRestored)) written.push(held);
      group.waiting = 0;
      this.#pass(group);
    }
    this.#groups = this.#groups.filter((group) => group.waiting > 0).sort((a, b) => a.seenMs - b.seenMs);
    this.#oldest = 0;
    return written;
  }

  #pass(group: Group): void {
    this.#passed.push(group.id);
    this.#writtenUnits -= group.units;
  }

  #dropPassed(): void {
    while (this.#groups[this.#oldest]?.waiting === 0) this.#oldest += 1;
    if (this.#oldest * 2 <= this.#groups.length) return;
    this.#groups = this.#groups.slice(this.#oldest);
    this.#oldest = 0;
  }
}

/** Strings of their own, which keep nothing else in memory. */
function copied(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? lines : (JSON.parse(JSON.stringify(lines)) as readonly string[]);
}

function parseHeld(line: string): StreamEvent {
  const event = parseLine(line);
  if (typeof event === "string") throw new Error("A line that waits is no event.");
  return event;
}
