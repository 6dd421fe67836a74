/**
 * Which items of a batch count: those whose id was never counted before, neither by an earlier batch nor earlier in this
 * one. Pure: what is already counted comes in, what is to be counted comes out.
 */

/** `new`: counted by this very item. `duplicate`: counted before, so nothing changed. */
export type Verdict = "new" | "duplicate";

export interface Distinction {
  /** One for each id, in the order of the ids, as if they had come one by one. */
  readonly verdicts: readonly Verdict[];
  /** The ids to count, each once, in the order of their first occurrence. Empty: there is nothing to persist. */
  readonly fresh: readonly string[];
}

/** @param isCounted whether an id was counted before this batch */
export function distinct(isCounted: (id: string) => boolean, ids: readonly string[]): Distinction {
  const fresh = new Set<string>();
  const verdicts = ids.map((id): Verdict => {
    if (fresh.has(id) || isCounted(id)) return "duplicate";
    fresh.add(id);
    return "new";
  });
  return { verdicts, fresh: [...fresh] };
}
