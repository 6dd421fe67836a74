/**
 * A bounded load, for something to look at: so many items over some tenants, each id twice. The order is such that every
 * batch has new ones and duplicates of items that an earlier batch may have brought.
 */
import type { ItemInput } from "../../client/index.ts";
import type { Verdict } from "../../core/counters/distinct.ts";

export const LOAD_ITEMS = 1_000;
const LOAD_IDS = LOAD_ITEMS / 2;
const BATCH_ITEMS = 100;
/** So that one can see it happen. */
const PAUSE_MS = 120;
/** So many other ids come between the two times that one is sent. */
const DISTANCE = 30;

export interface LoadResult {
  readonly items: number;
  readonly fresh: number;
  readonly duplicates: number;
}

export interface LoadOptions {
  readonly tenants: readonly string[];
  /** Begins the ids of this run; nothing else may have used it. */
  readonly name: string;
  readonly observe: (items: readonly ItemInput[]) => Promise<readonly Verdict[]>;
  readonly pause: (ms: number) => Promise<void>;
  readonly progress: (sent: number) => void;
  readonly signal: AbortSignal;
}

/** Every item of the load, in the order in which they are sent. */
export function loadItems(tenants: readonly string[], name: string): readonly ItemInput[] {
  const items: ItemInput[] = [];
  for (let turn = 0; turn < LOAD_IDS + DISTANCE; turn++) {
    for (const index of [turn, turn - DISTANCE]) {
      const tenant = index >= 0 && index < LOAD_IDS ? tenants[index % tenants.length] : undefined;
      if (tenant !== undefined) items.push({ id: `${name}-${index}`, tenant });
    }
  }
  return items;
}

/** One batch after the other. Rejects as the first that was refused did. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { tenants, name, observe, pause, progress, signal } = options;
  const items = loadItems(tenants, name);
  let sent = 0;
  let fresh = 0;
  while (sent < items.length && !signal.aborted) {
    if (sent > 0) await pause(PAUSE_MS);
    const verdicts = await observe(items.slice(sent, sent + BATCH_ITEMS));
    sent += verdicts.length;
    fresh += verdicts.filter((verdict) => verdict === "new").length;
    progress(sent);
  }
  return { items: sent, fresh, duplicates: sent - fresh };
}
