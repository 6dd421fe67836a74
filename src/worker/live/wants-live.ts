/** Refuses a request for a live route that asks for neither of the two forms that live comes in. */
import { refuseField, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { accepts } from "../respond.ts";

export function wantsLive(request: Request): Result<undefined> {
  const upgrades = request.headers.get("Upgrade")?.toLowerCase() === "websocket";
  if (upgrades || accepts(request, "text/event-stream")) return succeed(undefined);
  return refuseField("Accept", "must be text/event-stream, unless the request upgrades to a WebSocket");
}
