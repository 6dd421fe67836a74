/** Which of the two forms that live comes in a request asks for. */
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { accepts } from "../accepted-types.ts";

/** Other upgrades are offers that a server may ignore, like curl's to HTTP/2. */
export function wantsSocket(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** Refuses a request for a live route that asks for neither form. */
export function wantsLive(request: Request): Result<undefined> {
  if (wantsSocket(request) || accepts(request, "text/event-stream")) return succeed(undefined);
  return refuseField("Accept", "must be text/event-stream, unless the request upgrades to a WebSocket");
}
