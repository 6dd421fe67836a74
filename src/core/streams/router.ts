/** From an event to those it concerns, among the users that are there to be told. */
import type { StreamEvent } from "./line.ts";
import type { UserFollows } from "./user-follows.ts";

/** The users that are there, by name. */
export interface Users {
  readonly size: number;
  has(user: string): boolean;
  keys(): Iterable<string>;
}

/** `null` is every user that is there. Never empty: of an event that concerns none of them there are none. */
export type Recipients = Iterable<string> | null;

/** Of `event`, which `follows` has seen already. `undefined`: nobody. */
export function recipientsOf(event: StreamEvent, users: Users, follows: UserFollows): Recipients | undefined {
  const { type, from, to } = event;
  if (type === "U" || users.size === 0) return undefined;
  if (type === "B") return null;
  if (type !== "S") return users.has(to) ? [to] : undefined;
  const followers = follows.followersOf(from);
  return followers.size > 0 ? followers : undefined;
}
