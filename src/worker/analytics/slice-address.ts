/** Which object counts what: one for each site, slice and shard. */

export interface SliceAddress {
  readonly site: string;
  /** The start of the slice. */
  readonly start: number;
  readonly shard: number;
}

/** The object's name. No site has a control character in its name, so no two addresses have the same. */
export function objectName({ site, start, shard }: SliceAddress): string {
  return `${site}\n${start}\n${shard}`;
}

/** @throws if `name` is not that of a slice object */
export function parseObjectName(name: string | undefined): SliceAddress {
  const [site, start, shard] = (name ?? "").split("\n");
  if (site === undefined || start === undefined || shard === undefined)
    throw new Error("Not the name of a slice object");
  return { site, start: Number(start), shard: Number(shard) };
}
