/**
 * Who is to be told of what: the rules of the line protocol once more, as plainly as they can be written, so that a
 * server is held against something that shares no code with it. Pure.
 */
import { BROADCAST, FOLLOW, PRIVATE, STATUS, UNFOLLOW } from "./maze-events.ts";
import type { MazeEvents } from "./maze-events.ts";
import { NumberList } from "./number-list.ts";

/**
 * The indexes of the events that each user is told of, in their order; `undefined` for users who don't listen.
 *
 * @param listens by user
 * @param isMissing by event: never sent, so it never happened
 */
export function expectedEvents(
  { count, types, from, to }: MazeEvents,
  listens: readonly boolean[],
  isMissing: (index: number) => boolean,
): readonly (NumberList | undefined)[] {
  const told = listens.map((each) => (each ? new NumberList() : undefined));
  const followers = listens.map(() => new Set<number>());
  for (let index = 0; index < count; index++) {
    if (isMissing(index)) continue;
    const sender = from[index] ?? 0;
    const target = to[index] ?? 0;
    const type = types[index] ?? 0;
    switch (type) {
      case FOLLOW:
        followers[target]?.add(sender);
        told[target]?.push(index);
        break;
      case UNFOLLOW:
        followers[target]?.delete(sender);
        break;
      case BROADCAST:
        for (const list of told) list?.push(index);
        break;
      case PRIVATE:
        told[target]?.push(index);
        break;
      case STATUS:
        for (const follower of followers[sender] ?? []) told[follower]?.push(index);
        break;
      default:
    }
  }
  return told;
}
