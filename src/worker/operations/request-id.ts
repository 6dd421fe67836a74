/**
 * The id by which a caller, the edge and the log speak of the same request.
 *
 * A caller's own must look like one: it is logged, so it may be neither long enough for a token nor hold what breaks a
 * line. Ids as in UUIDs, ULIDs and W3C trace contexts fit.
 */
const WELL_FORMED = /^[\w.:-]{1,64}$/;
const RANDOM_CHARS = 16;

/** What the caller calls this request; `undefined` if it doesn't, or not in a form that can be repeated. */
export function sentRequestId(request: Request): string | undefined {
  const sent = request.headers.get("X-Request-Id");
  return sent !== null && WELL_FORMED.test(sent) ? sent : undefined;
}

/** What Cloudflare's edge calls it, or else a new name. */
export function givenRequestId(request: Request): string {
  const ray = request.headers.get("CF-Ray");
  if (ray !== null && WELL_FORMED.test(ray)) return ray;
  return crypto.randomUUID().replaceAll("-", "").slice(0, RANDOM_CHARS);
}
