/**
 * Whether a part of an import may be taken. An import is a sequence of records that is taken once, in order, in parts of
 * any size; a part may come again, in whole or in part, and one may go on where another was cut off.
 */

/** What a thing remembers of the import that made it. */
export interface ImportProgress {
  /** Of the export that is imported. */
  readonly exportId: string;
  /** How many of its records were taken. */
  readonly taken: number;
}

export type Admission =
  /** The first `skip` records of the part were taken before, the others are the next. `begins`: none was ever taken. */
  | { readonly kind: "take"; readonly skip: number; readonly begins: boolean }
  /** There is data here that did not come with this import. */
  | { readonly kind: "occupied" }
  /** The part does not begin where the import stands, but further on. */
  | { readonly kind: "ahead"; readonly taken: number };

/**
 * @param progress `undefined` unless this thing was made by an import
 * @param holdsData whether there is anything here
 * @param from the number of records before the part
 * @param count how many the part has
 */
export function admitImport(
  progress: ImportProgress | undefined,
  holdsData: boolean,
  exportId: string,
  from: number,
  count: number,
): Admission {
  const isSame = progress?.exportId === exportId;
  // An import that was refused before it brought anything keeps no other out.
  if (!isSame && (holdsData || (progress?.taken ?? 0) > 0)) return { kind: "occupied" };
  const taken = isSame ? progress.taken : 0;
  if (from > taken) return { kind: "ahead", taken };
  return { kind: "take", skip: Math.min(taken - from, count), begins: !isSame };
}
