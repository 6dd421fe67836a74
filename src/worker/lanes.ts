/** Many calls, a bounded number of them under way at the same time. */

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
    for (const [index, item] of queue) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: lanesMax }, lane));
  return results;
}
