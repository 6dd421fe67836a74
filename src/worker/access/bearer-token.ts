/**
 * Finds the token in a request: in `Authorization`, or, where a page opens a WebSocket and can't set headers, among the
 * subprotocols, as `weir, bearer.<token>`. Never in the address, which is logged by everything on the way.
 */
import { wantsSocket } from "../live/wants-live.ts";

const SUBPROTOCOL_PREFIX = "bearer.";

/** `undefined`: the request brings none. */
export function bearerToken(request: Request): string | undefined {
  const authorization = request.headers.get("Authorization");
  if (authorization !== null) return /^bearer(?: +|$)(.*)$/i.exec(authorization)?.[1];
  if (!wantsSocket(request)) return undefined;
  const named = (request.headers.get("Sec-WebSocket-Protocol") ?? "").split(",").map((name) => name.trim());
  return named.find((name) => name.startsWith(SUBPROTOCOL_PREFIX))?.slice(SUBPROTOCOL_PREFIX.length);
}
