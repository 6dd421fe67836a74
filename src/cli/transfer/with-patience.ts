/** Does something again for as long as the server is away or has too much to do; a server that restarts is soon back. */
import { setTimeout as sleep } from "node:timers/promises";
import { WeirError } from "../../client/index.ts";

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** @param act leaves the same, however often it is done */
export async function withPatience<T>(act: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  for (const giveUpMs = performance.now() + patienceMs; ;) {
    try {
      return await act();
    } catch (error) {
      const passes = error instanceof WeirError && ["network", "overloaded", "rate_limited"].includes(error.code);
      if (!passes || performance.now() > giveUpMs) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
