/** The answer to a batch of items, made from its verdicts. */
import type { Verdict } from "../../core/counters/distinct.ts";
import type { ItemsAnswer } from "../../protocol/counters.ts";

export function itemsAnswer(verdicts: readonly Verdict[], showVerdicts: boolean): ItemsAnswer {
  let fresh = 0;
  for (const verdict of verdicts) if (verdict === "new") fresh += 1;
  const answer = { status: "success", new: fresh, duplicates: verdicts.length - fresh } as const;
  return showVerdicts ? { ...answer, verdicts: [...verdicts] } : answer;
}
