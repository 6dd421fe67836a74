/**
 * Many calls, a bounded number of them under way at the same time.
 *
 * A process that runs the Worker and its objects alike looks for what comes over the network, and for timers, only when
 * nothing else is left to do. Calls that follow each other without a pause leave it no such moment: a request to thousands
 * of objects kept every other waiting until its end, and no object that was through could be let go. So whoever makes many
 * calls rests now and then until everything else has had its turn.
 */

/** A rest takes some milliseconds; calls that are answered from memory get by without. */
const WORK_MS = 20;

/** The rests of one who makes calls one after the other. */
export class Rests {
  #restedMs = Date.now();

  /** Rests if it is time to. */
  async take(): Promise<void> {
    if (Date.now() - this.#restedMs < WORK_MS) return;
    await scheduler.wait(0);
    this.#restedMs = Date.now();
  }
}

/**
 * Gives every item to `act`; its answers come in the order of the items. What `act` throws, this throws, and items that
 * were not begun by then are not.
 */
export async function inLanes<T, R>(
  items: readonly T[],
  lanesMax: number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  if (items.length <= lanesMax) return Promise.all(items.map(act));
  const results = Array.from<R>({ length: items.length });
  const queue = items.entries();
  const lane = async () => {
    const rests = new Rests();
    for (const [index, item] of queue) {
      results[index] = await act(item);
      await rests.take();
    }
  };
  await Promise.all(Array.from({ length: lanesMax }, lane));
  return results;
}
