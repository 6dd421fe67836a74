/**
 * Erases all that an object keeps: its database and, since compatibility date 2026-02-24, its alarm with it. What it has in
 * memory is made anew in the same turn, for what comes while the platform erases would else be written to tables that
 * are gone.
 */
import type { AlarmClock } from "./alarm-clock.ts";

/** @param forget makes what is in memory what is stored, which is nothing */
export async function eraseObject(
  storage: Pick<DurableObjectStorage, "deleteAll">,
  alarm: Pick<AlarmClock, "setAnew">,
  forget: () => void,
): Promise<void> {
  const erased = storage.deleteAll();
  forget();
  await erased;
  alarm.setAnew();
}
