/**
 * The follows of those users who are there to be told, by whom they follow, from event to event. A status update finds
 * its recipients at once, however many followers there are who are not there.
 */
import type { FollowGraph } from "./follow-graph.ts";
import type { StreamEvent } from "./line.ts";

const NOBODY: ReadonlySet<string> = new Set();

export class UserFollows {
  readonly #users = new Set<string>();
  readonly #followers = new Map<string, Set<string>>();

  /** A user comes, with the follows it had when `sequence` was the last event; others may only come at the same one. */
  join(user: string, graph: FollowGraph, sequence: number): void {
    this.#users.add(user);
    for (const followee of graph.followingAt(user, sequence)) this.#add(followee, user);
  }

  /** A user goes, when `sequence` was the last event. */
  leave(user: string, graph: FollowGraph, sequence: number): void {
    this.#users.delete(user);
    for (const followee of graph.followingAt(user, sequence)) this.#remove(followee, user);
  }

  apply({ type, from, to }: StreamEvent): void {
    if (type === "F") {
      if (this.#users.has(from)) this.#add(to, from);
    } else if (type === "U") this.#remove(to, from);
  }

  /** Those who follow `followee` now. */
  followersOf(followee: string): ReadonlySet<string> {
    return this.#followers.get(followee) ?? NOBODY;
  }

  #add(followee: string, follower: string): void {
    const followers = this.#followers.get(followee);
    if (followers === undefined) this.#followers.set(followee, new Set([follower]));
    else followers.add(follower);
  }

  #remove(followee: string, follower: string): void {
    const followers = this.#followers.get(followee);
    if (followers === undefined) return;
    followers.delete(follower);
    if (followers.size === 0) this.#followers.delete(followee);
  }
}
