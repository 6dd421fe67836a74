/**
 * Many values bound to one parameter, as JSON for `json_each(?)`. The platform takes strings of at most 2 MB, which a
 * full request can exceed (and which a local server does not check), so they come in chunks.
 */

/** In UTF-16 code units, of which each is at most 3 bytes of UTF-8: 1.8 MB. One value must fit by itself. */
export const CHUNK_UNITS_MAX = 600_000;

/** JSON arrays that together hold `values` in order; none for no values. */
export function jsonChunks(values: readonly unknown[]): readonly string[] {
  if (values.length === 0) return [];
  const json = JSON.stringify(values);
  if (json.length <= CHUNK_UNITS_MAX || values.length === 1) return [json];
  const middle = values.length >> 1;
  return [...jsonChunks(values.slice(0, middle)), ...jsonChunks(values.slice(middle))];
}
