/**
 * What the words of the contract say of a stream, with none of its algorithms: every number by itself, every list walked
 * through. And an audience that writes down what it is told.
 */
import { parseLine } from "../../../src/core/streams/line.ts";
import type { StreamEvent } from "../../../src/core/streams/line.ts";
import { RESTART_GRACE_MS } from "../../../src/core/streams/ordered-stream.ts";
import type { Audience } from "../../../src/core/streams/ordered-stream.ts";
import type { Recipients } from "../../../src/core/streams/router.ts";

/** What one user was told, in order: a line, or the numbers of a hole. */
export type Told = string | readonly [from: number, to: number];

/** Users who are there, and all that each was told. */
export class TestAudience implements Audience {
  readonly users = new Map<string, Told[]>();

  constructor(...users: readonly string[]) {
    for (const user of users) this.users.set(user, []);
  }

  told(event: StreamEvent, recipients: Recipients): void {
    for (const user of recipients ?? this.users.keys()) this.users.get(user)?.push(event.line);
  }

  skipped(from: number, to: number): void {
    for (const told of this.users.values()) told.push([from, to]);
  }

  toldOf(user: string): readonly Told[] {
    return this.users.get(user) ?? [];
  }
}

export class StreamModel {
  readonly #timeoutMs: number;
  readonly #accepted = new Map<number, StreamEvent>();
  readonly #skipped = new Set<number>();
  readonly #seenMs = new Map<number, number>();
  readonly #notBeforeMs = new Map<number, number>();
  readonly #follows = new Set<string>();
  readonly told = new Map<string, Told[]>();
  cursor = 0;
  duplicates = 0;
  deadLetters = 0;

  constructor(timeoutMs: number, users: readonly string[]) {
    this.#timeoutMs = timeoutMs;
    for (const user of users) this.told.set(user, []);
  }

  get buffered(): number {
    return [...this.#accepted.keys()].filter((sequence) => sequence > this.cursor).length;
  }

  take(lines: readonly string[], nowMs: number): void {
    for (const line of lines) this.#takeLine(line, nowMs);
    this.expire(nowMs);
  }

  expire(nowMs: number): void {
    for (;;) {
      const hole = this.cursor + 1;
      const dueMs = Math.max((this.#seenMs.get(hole) ?? Infinity) + this.#timeoutMs, this.#notBeforeMs.get(hole) ?? 0);
      if (this.#timeoutMs < 0 || dueMs > nowMs) return;
      this.#skipped.add(hole);
      this.cursor = hole;
      for (const told of this.told.values()) addSkipped(told, hole);
      this.#process();
    }
  }

  restart(nowMs: number): void {
    for (const sequence of this.#seenMs.keys()) this.#notBeforeMs.set(sequence, nowMs + RESTART_GRACE_MS);
  }

  #takeLine(line: string, nowMs: number): void {
    const event = parseLine(line);
    if (typeof event === "string") {
      this.deadLetters += 1;
      return;
    }
    const { sequence } = event;
    if (this.#skipped.has(sequence)) this.deadLetters += 1;
    else if (sequence <= this.cursor || this.#accepted.has(sequence)) this.duplicates += 1;
    else {
      this.#accepted.set(sequence, event);
      for (let hole = this.cursor + 1; hole < sequence; hole++) {
        if (!this.#accepted.has(hole) && !this.#seenMs.has(hole)) this.#seenMs.set(hole, nowMs);
      }
      this.#process();
    }
  }

  #process(): void {
    for (;;) {
      const event = this.#accepted.get(this.cursor + 1);
      if (event === undefined) return;
      this.cursor += 1;
      const { type, from, to, line } = event;
      const edge = `${from} ${to}`;
      if (type === "F") this.#follows.add(edge);
      if (type === "U") this.#follows.delete(edge);
      for (const [user, told] of this.told) {
        const isTold =
          type === "B" ||
          ((type === "F" || type === "P") && user === to) ||
          (type === "S" && this.#follows.has(`${user} ${from}`));
        if (isTold) told.push(line);
      }
    }
  }
}

/** Numbers that are skipped one after the other are one hole, unless something came between them. */
function addSkipped(told: Told[], sequence: number): void {
  const last = told.at(-1);
  if (typeof last === "object" && last[1] === sequence - 1) told[told.length - 1] = [last[0], sequence];
  else told.push([sequence, sequence]);
}

/** Holes that touch, as one: a user who was told nothing in between can't tell them apart. */
export function joined(told: readonly Told[]): readonly Told[] {
  const result: Told[] = [];
  for (const each of told) {
    const last = result.at(-1);
    if (typeof each === "object" && typeof last === "object" && last[1] + 1 === each[0]) {
      result[result.length - 1] = [last[0], each[1]];
    } else result.push(each);
  }
  return result;
}

/** What of `told` came after `since`. */
export function after(told: readonly Told[], since: number): readonly Told[] {
  return told.flatMap((each): Told[] => {
    if (typeof each === "string") return Number(each.split("|")[0]) > since ? [each] : [];
    return each[1] > since ? [[Math.max(each[0], since + 1), each[1]]] : [];
  });
}
