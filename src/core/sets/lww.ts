/**
 * The order that makes a LWW-Element-Set: for each element the greatest `(timestamp, op)` wins, and at an equal
 * timestamp the set's bias decides. Taking the greatest of a total order is associative, commutative and idempotent,
 * so a set is a join-semilattice: the order, grouping and repetition of operations can't matter.
 *
 * Source: Shapiro, Preguiça, Baquero, Zawirski, "A comprehensive study of Convergent and Commutative Replicated Data
 * Types" (2011), section 3.3.3.
 */

export type Op = "add" | "remove";

/** The op that wins at an equal timestamp. */
export type Bias = Op;

/** What decides between two operations on one element. `timestamp` is in milliseconds since the Unix epoch. */
export interface Stamp {
  readonly op: Op;
  readonly timestamp: number;
}

/** The operation that currently decides about one element. The element is a member iff `op` is `"add"`. */
export interface Entry extends Stamp {
  readonly element: string;
}

/** Whether `entry` makes its element a member; no entry at all doesn't. */
export function isMember(entry: Stamp | undefined): boolean {
  return entry?.op === "add";
}

/** Whether `next` is strictly greater than `current`; anything is greater than no operation at all. */
export function supersedes(next: Stamp, current: Stamp | undefined, bias: Bias): boolean {
  if (current === undefined) return true;
  if (next.timestamp !== current.timestamp) return next.timestamp > current.timestamp;
  return next.op === bias && current.op !== bias;
}
