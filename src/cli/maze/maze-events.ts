/**
 * The events of a maze, and their lines. Pure: the same seed gives the same events. Event `n` is at index `n - 1`; users
 * are indexes too, and have names only in lines.
 */
import { seededRandom } from "../seeded-random.ts";

export const FOLLOW = 70;
export const UNFOLLOW = 85;
export const BROADCAST = 66;
export const PRIVATE = 80;
export const STATUS = 83;
/** ASCII codes of the letters in lines. */
export type EventType = typeof FOLLOW | typeof UNFOLLOW | typeof BROADCAST | typeof PRIVATE | typeof STATUS;

/** Out of a hundred. As many unfollow as follow, so that in the long run half of all pairs are followers. */
const SHARES: readonly (readonly [EventType, number])[] = [
  [FOLLOW, 20],
  [UNFOLLOW, 20],
  [BROADCAST, 2],
  [PRIVATE, 38],
  [STATUS, 20],
];

export interface MazeEvents {
  readonly count: number;
  readonly types: Uint8Array;
  readonly from: Uint16Array;
  readonly to: Uint16Array;
}

/** How users are called: by numbers, as old programs expect, or by texts that trip those who cut bytes into characters. */
export type Naming = "numbers" | "texts";

export function createEvents({
  events: count,
  users,
  seed,
}: {
  readonly events: number;
  readonly users: number;
  readonly seed: number;
}): MazeEvents {
  const random = seededRandom(seed);
  const lottery = SHARES.flatMap(([type, share]) => Array.from({ length: share }, () => type));
  const types = new Uint8Array(count);
  const from = new Uint16Array(count);
  const to = new Uint16Array(count);
  for (let index = 0; index < count; index++) {
    types[index] = lottery[Math.floor(random() * lottery.length)] ?? BROADCAST;
    from[index] = Math.floor(random() * users);
    // Nobody has to do with themselves, but where there is only one.
    const step = users > 1 ? 1 + Math.floor(random() * (users - 1)) : 0;
    to[index] = ((from[index] ?? 0) + step) % users;
  }
  return { count, types, from, to };
}

export function userName(user: number, naming: Naming): string {
  return naming === "numbers" ? String(user + 1) : `${user + 1} ☃ ${String.fromCodePoint(0x1f600 + (user % 64))}é`;
}

/** The line of the event at `index`, without its end. */
export function eventLine({ types, from, to }: MazeEvents, index: number, names: readonly string[]): string {
  const number = index + 1;
  const sender = names[from[index] ?? 0] ?? "";
  const type = types[index] ?? 0;
  switch (type) {
    case BROADCAST:
      return `${number}|B`;
    case STATUS:
      return `${number}|S|${sender}`;
    default:
      return `${number}|${String.fromCharCode(type)}|${sender}|${names[to[index] ?? 0] ?? ""}`;
  }
}
