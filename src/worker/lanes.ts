/**
 * Many calls, a bounded number of them under way at the same time.
 *
 * A process that runs the Worker and its objects alike looks for what comes over the network, and for timers, only when
 * nothing else is left to do. Calls that follow each other without a pause leave it no such moment: a request to thousands
 * of objects kept every other waiting until its end, and no object that was through could be let go. So a lane rests
 * after each call until the rest has had its turn.
 */

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
    for (const [index, item] of queue) {
      results[index] = await act(item);
      await rest();
    }
  };
  await Promise.all(Array.from({ length: lanesMax }, lane));
  return results;
}

/** Lets everything else have its turn; for whoever makes many calls one after the other, too. */
export function rest(): Promise<void> {
  return scheduler.wait(0);
}
