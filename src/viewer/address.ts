/** The page's address: which view it shows, and which thing in it. `/?set=cart` can be shared, and `/` is the default. */

/** The part of a view that an address is made of. */
export interface Addressable {
  readonly param: string;
  readonly defaultName: string;
}

export interface Place<V extends Addressable> {
  readonly view: V;
  readonly name: string;
}

/** The first view whose parameter is in the query, else the first of all with its default. */
export function readAddress<V extends Addressable>(search: string, views: readonly [V, ...V[]]): Place<V> {
  const query = new URLSearchParams(search);
  const view = views.find(({ param }) => query.has(param)) ?? views[0];
  const name = query.get(view.param);
  return { view, name: name === null || name === "" ? view.defaultName : name };
}

export function writeAddress({ view, name }: Place<Addressable>): string {
  // A comma may stand for itself there, and names that are lists are easier to read with it.
  return `/?${new URLSearchParams({ [view.param]: name }).toString().replaceAll("%2C", ",")}`;
}
