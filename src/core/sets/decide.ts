/**
 * Decides a batch of operations: which of them change the set, and what the set's head is afterwards. Pure: the
 * current entries, the clock and the hash come in, the entries to write come out.
 */
import { updateDigest } from "./digest.ts";
import type { Hash64 } from "./digest.ts";
import { isMember, supersedes } from "./lww.ts";
import type { Entry, Op } from "./lww.ts";
import type { SequencedEntry, SetHead } from "./set-store.ts";

/** An operation as proposed by a client. Without a timestamp the server stamps it. */
export interface ProposedOp {
  readonly op: Op;
  readonly element: string;
  readonly timestamp?: number | undefined;
}

/**
 * - `applied`: it was greater than all before it, and is now the entry of its element.
 * - `superseded`: the entry of its element is as great or greater (a repetition is as great), so nothing changed.
 * - `future`: its timestamp is too far beyond the server's clock; it was not accepted.
 * - `expired`: it is not newer than a purged tombstone, so nobody can tell whether it still counts; not accepted.
 */
export type Verdict = "applied" | "superseded" | "future" | "expired";

/** Whether an operation with this verdict was not accepted: the set knows nothing of it. */
export function isRefusal(verdict: Verdict): boolean {
  return verdict === "future" || verdict === "expired";
}

export interface Decision {
  /** One for each op, in the order of the ops, as if they had come one by one. */
  readonly verdicts: readonly Verdict[];
  /** One entry for each changed element, sequenced after everything before. Empty: there is nothing to persist. */
  readonly changed: readonly SequencedEntry[];
  readonly head: SetHead;
}

/**
 * @param current the entries of the elements that occur in `ops`
 * @param nowMs the server's clock, in milliseconds since the Unix epoch
 */
export function decide(
  head: SetHead,
  current: ReadonlyMap<string, Entry>,
  ops: readonly ProposedOp[],
  nowMs: number,
  hash64: Hash64,
): Decision {
  const { bias, maxSkewMs } = head.options;
  const winners = new Map<string, Entry>();
  let lastStampMs = head.lastStampMs;

  const verdicts = ops.map((proposed): Verdict => {
    const { op, element } = proposed;
    const timestamp = proposed.timestamp ?? Math.max(nowMs, lastStampMs + 1, head.purgedMs + 1);
    if (proposed.timestamp !== undefined) {
      if (timestamp > nowMs + maxSkewMs) return "future";
      if (timestamp <= head.purgedMs) return "expired";
    }
    const entry: Entry = { element, op, timestamp };
    if (!supersedes(entry, winners.get(element) ?? current.get(element), bias)) return "superseded";
    winners.set(element, entry);
    // Only a stamp that took effect counts, as only that one is persisted when ops come one by one.
    if (proposed.timestamp === undefined) lastStampMs = timestamp;
    return "applied";
  });

  let { sequence, size, digest } = head;
  const changed: SequencedEntry[] = [];
  for (const entry of winners.values()) {
    const replaced = current.get(entry.element);
    sequence += 1;
    size += Number(isMember(entry)) - Number(isMember(replaced));
    digest = updateDigest(digest, replaced, entry, hash64);
    changed.push({ ...entry, sequence });
  }
  return { verdicts, changed, head: { ...head, sequence, size, digest, lastStampMs } };
}
