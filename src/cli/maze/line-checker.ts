/**
 * Holds the bytes that one listener gets against the lines it must get, as they come: each line, in order, and nothing
 * else. The first fault is kept, and nothing is compared after it.
 */
import type { LineArena } from "./line-arena.ts";
import type { NumberList } from "./number-list.ts";

const LF = 0x0a;
const BAR = 0x7c;
/** Of a line that should not have come; enough to recognise it. */
const SHOWN_BYTES_MAX = 120;

export class LineChecker {
  readonly #arena: LineArena;
  readonly #expected: NumberList;
  /** The next line's place among those expected; `undefined` until the first line of one who came late tells. */
  #position: number | undefined;
  /** How much of that line has come. */
  #offset = 0;
  /** One who came late may have missed what is before this place, and nothing after it. */
  #latest: number;
  /** The beginning of the first line, until it is whole. */
  #head = Buffer.alloc(0);
  #lines = 0;
  #fault: string | undefined;

  /** @param isLate it connected when events flowed already, so it gets the end of what is expected */
  constructor(arena: LineArena, expected: NumberList, isLate = false) {
    this.#arena = arena;
    this.#expected = expected;
    this.#position = isLate ? undefined : 0;
    this.#latest = isLate ? expected.length : 0;
  }

  /** Lines that came, and were right. */
  get lines(): number {
    return this.#lines;
  }

  /** What was wrong, in a sentence; `undefined` if nothing was. */
  get fault(): string | undefined {
    return this.#fault;
  }

  get isComplete(): boolean {
    const isAtEnd = (this.#position ?? this.#latest) === this.#expected.length;
    return this.#fault === undefined && isAtEnd && this.#offset === 0 && this.#head.length === 0;
  }

  /** Lines that are still to come. */
  get lacking(): number {
    return this.#expected.length - (this.#position ?? this.#latest);
  }

  /** From now on it is connected, so it must get every event that is sent from this one on. */
  mustHaveFrom(eventIndex: number): void {
    this.#latest = this.#placeOf(eventIndex);
  }

  take(chunk: Buffer): void {
    if (this.#fault !== undefined) return;
    const rest = this.#position === undefined ? this.#findStart(chunk) : chunk;
    if (rest !== undefined) this.#compare(rest);
  }

  #compare(chunk: Buffer): void {
    const { bytes, starts } = this.#arena;
    let position = this.#position ?? 0;
    let at = 0;
    while (at < chunk.length) {
      if (position === this.#expected.length) return this.#fail(chunk, at, "nothing more");
      const index = this.#expected.at(position);
      let next = (starts[index] ?? 0) + this.#offset;
      const end = starts[index + 1] ?? 0;
      while (next < end && at < chunk.length && chunk[at] === bytes[next]) {
        next += 1;
        at += 1;
      }
      this.#offset = next - (starts[index] ?? 0);
      if (next < end && at < chunk.length) return this.#fail(chunk, at, shown(this.#arena.line(index)));
      if (next < end) break;
      position += 1;
      this.#offset = 0;
      this.#lines += 1;
      this.#position = position;
    }
  }

  /** What is left to compare, once it is known where to begin. */
  #findStart(chunk: Buffer): Buffer | undefined {
    const whole = Buffer.concat([this.#head, chunk]);
    const bar = whole.indexOf(BAR);
    const line = whole.indexOf(LF);
    if (bar === -1 || line === -1) {
      this.#head = whole;
      return undefined;
    }
    this.#head = Buffer.alloc(0);
    const eventIndex = Number(whole.toString("latin1", 0, bar)) - 1;
    const place = this.#placeOf(eventIndex);
    this.#position = place;
    if (this.#expected.at(place) !== eventIndex || place >= this.#expected.length) {
      this.#fault = `got ${shown(whole.subarray(0, line))}, which it was not to be told`;
    } else if (place > this.#latest) {
      this.#fault = `got ${shown(whole.subarray(0, line))} first and not ${shown(this.#arena.line(this.#expected.at(this.#latest)))}`;
    }
    return this.#fault === undefined ? whole : undefined;
  }

  /** Of the first expected event that is not before this one. */
  #placeOf(eventIndex: number): number {
    let [low, high] = [0, this.#expected.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#expected.at(middle) < eventIndex) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #fail(chunk: Buffer, at: number, expected: string): void {
    const begun = this.#offset === 0 ? "" : this.#arena.line(this.#expected.at(this.#position ?? 0));
    const end = chunk.indexOf(LF, at);
    const got = Buffer.concat([
      Buffer.from(begun).subarray(0, this.#offset),
      chunk.subarray(at, end === -1 ? undefined : end),
    ]);
    this.#fault = `got ${shown(got)} after ${this.#lines} lines, and not ${expected}`;
  }
}

function shown(line: Buffer): string {
  return JSON.stringify(line.toString("utf8", 0, SHOWN_BYTES_MAX).trimEnd());
}
