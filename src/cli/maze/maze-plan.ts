/**
 * What a maze is: the events, who listens, what each of them must be told, and the batches in which the source sends the
 * lines. Pure: all chance comes from the seed.
 */
import { seededRandom } from "../seeded-random.ts";
import { expectedEvents } from "./expected-lines.ts";
import { LineArena } from "./line-arena.ts";
import { createEvents, eventLine, userName } from "./maze-events.ts";
import type { Naming } from "./maze-events.ts";
import type { NumberList } from "./number-list.ts";
import { strayLine } from "./stray-lines.ts";

export interface MazePlanOptions {
  readonly events: number;
  readonly users: number;
  /** The share of the users that connect. */
  readonly connected: number;
  /** The share of those that connect that do so when events flow already. */
  readonly late: number;
  /** Events that are shuffled among themselves, and sent in one piece. */
  readonly batch: number;
  /** The share of the events that is never sent. */
  readonly gaps: number;
  /** The share of the events that is sent twice. */
  readonly duplicates: number;
  /** Lines that are no events, as a share of the events. */
  readonly malformed: number;
  readonly naming: Naming;
  /** What ends the lines that are sent. */
  readonly lineEnd: "\n" | "\r\n";
  readonly seed: number;
}

export interface MazeListener {
  readonly name: string;
  /** Indexes of events, in the order in which it is told of them. */
  readonly expected: NumberList;
  /** The batch after which it connects; `undefined`: before the first. */
  readonly afterBatch: number | undefined;
}

export interface MazePlan {
  readonly arena: LineArena;
  readonly listeners: readonly MazeListener[];
  readonly batches: number;
  /** The index of the first event of a batch. No earlier batch has a later event. */
  readonly firstOfBatch: (batch: number) => number;
  /** What is sent as the batch with this index, counted from 0; batches are to be asked for in their order. */
  readonly batchBytes: (batch: number) => Buffer;
  /** Events that are never sent. */
  readonly missing: number;
}

/** Numbers that tell what is decided by chance apart, so that changing one share leaves the rest as it was. */
const [LISTENERS_SEED, GAPS_SEED, ORDER_SEED] = [0x1157, 0x6a95, 0x0bde2];

export function createPlan(options: MazePlanOptions): MazePlan {
  const { events: count, users, batch } = options;
  const events = createEvents(options);
  const names = Array.from({ length: users }, (_, user) => userName(user, options.naming));
  const arena = new LineArena(count, (index) => eventLine(events, index, names));
  const gaps = chooseGaps(options);
  const batches = Math.ceil(count / batch);
  const { listens, afterBatch } = chooseListeners(options, batches);
  const expected = expectedEvents(events, listens, (index) => gaps[index] === 1);
  const listeners = names.flatMap((name, user) => {
    const list = expected[user];
    return list === undefined ? [] : [{ name, expected: list, afterBatch: afterBatch[user] }];
  });
  return {
    arena,
    listeners,
    batches,
    firstOfBatch: (index) => index * batch,
    batchBytes: batchMaker(options, arena, gaps),
    missing: gaps.reduce((sum, gap) => sum + gap, 0),
  };
}

/** The last event is always sent, so that what is missing before it is noticed. */
function chooseGaps({ events, gaps, seed }: MazePlanOptions): Uint8Array {
  const random = seededRandom(seed ^ GAPS_SEED);
  return Uint8Array.from({ length: events }, (_, index) => Number(random() < gaps && index < events - 1));
}

function chooseListeners({ users, connected, late, seed }: MazePlanOptions, batches: number) {
  const random = seededRandom(seed ^ LISTENERS_SEED);
  const order = shuffle(
    Array.from({ length: users }, (_, user) => user),
    random,
  );
  const listening = order.slice(0, Math.round(users * connected));
  const listens = Array.from({ length: users }, () => false);
  for (const user of listening) listens[user] = true;
  const afterBatch = Array.from<number | undefined>({ length: users });
  const lateCount = batches > 1 ? Math.round(listening.length * late) : 0;
  for (const user of listening.slice(0, lateCount)) afterBatch[user] = Math.floor(random() * (batches - 1));
  return { listens, afterBatch };
}

function batchMaker(options: MazePlanOptions, arena: LineArena, gaps: Uint8Array): (batch: number) => Buffer {
  const { events, batch: size, duplicates, malformed, lineEnd, seed } = options;
  const random = seededRandom(seed ^ ORDER_SEED);
  return (batch) => {
    const lines: Buffer[] = [];
    const end = Math.min(events, (batch + 1) * size);
    for (let index = batch * size; index < end; index++) {
      if (gaps[index] !== 1) lines.push(arena.line(index));
      if (random() < duplicates) lines.push(arena.line(sentBefore(end, gaps, random)));
      if (random() < malformed) lines.push(Buffer.from(`${strayLine(random, index + 1)}\n`));
    }
    const bytes = Buffer.concat(shuffle(lines, random));
    return lineEnd === "\n" ? bytes : Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
  };
}

/** Any event before `end` that is not missing; index 0 if chance finds none. */
function sentBefore(end: number, gaps: Uint8Array, random: () => number): number {
  const TRIES = 10;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const index = Math.floor(random() * end);
    if (gaps[index] !== 1) return index;
  }
  return gaps.indexOf(0);
}

/** In place (Fisher and Yates). */
function shuffle<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const held = items[last] as T;
    items[last] = items[other] as T;
    items[other] = held;
  }
  return items;
}
