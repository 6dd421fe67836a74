/** Which form of an answer a client asks for: what its `Accept` names, by how much it likes each. */

const QUALITY = /^\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$/i;

/**
 * Whether the client names `type` among those it takes; not if it likes `other` better, or as much and names it first.
 * `*` names nothing: whoever takes anything gets what there is without asking.
 */
export function accepts(request: Request, type: string, other?: string): boolean {
  const header = (request.headers.get("Accept") ?? "").toLowerCase();
  // Most clients name no type, and need not wait for the rest.
  if (!header.includes(type)) return false;
  const named = namedTypes(header);
  const place = named.indexOf(type);
  const otherPlace = other === undefined ? -1 : named.indexOf(other);
  return place !== -1 && (otherPlace === -1 || place < otherPlace);
}

/** The best first; those that are as good in the order of the header. One of quality 0 is not taken. */
function namedTypes(header: string): readonly string[] {
  return header
    .split(",")
    .map((range) => {
      const [type = "", ...parameters] = range.split(";");
      const quality = parameters.map((parameter) => QUALITY.exec(parameter)?.[1]).find((value) => value !== undefined);
      return { type: type.trim(), quality: Number(quality ?? 1) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ type }) => type);
}
