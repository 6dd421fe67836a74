/**
 * What the server has acknowledged, to be held against what it has in the end. Since a set keeps the greatest operation
 * of each element, the greatest that was acknowledged is all that needs to be remembered.
 */
import type { Bias, Entry, Verdict } from "../../client/index.ts";
import { supersedes } from "../../core/sets/lww.ts";

export class AckedLedger {
  readonly #bias: Bias;
  readonly #greatest = new Map<string, Entry>();

  constructor(bias: Bias) {
    this.#bias = bias;
  }

  /** `superseded` counts too: something as great was there, and must still be. */
  record(ops: readonly Entry[], verdicts: readonly Verdict[]): void {
    for (const [index, op] of ops.entries()) {
      const verdict = verdicts[index];
      if (verdict !== "applied" && verdict !== "superseded") continue;
      if (supersedes(op, this.#greatest.get(op.element), this.#bias)) this.#greatest.set(op.element, op);
    }
  }

  /** The acknowledged operations that `entries`, all that the server has, know nothing of. */
  missing(entries: ReadonlyMap<string, Entry>): readonly Entry[] {
    return [...this.#greatest.values()].filter((op) => supersedes(op, entries.get(op.element), this.#bias));
  }
}
