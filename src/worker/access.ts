/**
 * Who may do what. Fails closed: only `AUTH_MODE=open` lets requests through, and a server whose mode it does not
 * know refuses all of them.
 */
import type { Endpoint } from "../protocol/endpoint.ts";
import { refuse, succeed } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";
import { isRead, mayOriginWrite } from "./cors.ts";
import type { Env } from "./env.ts";
import type { ViewerRights } from "./live/viewer-rights.ts";

/** What the caller may do with the endpoint, beyond calling it. */
export function authorize(request: Request, env: Env, endpoint: Endpoint): Result<ViewerRights> {
  if (env.AUTH_MODE !== "open") {
    const detail = "This server's AUTH_MODE is not one it can check tokens in, so it refuses every request.";
    return refuse("unauthorized", detail);
  }
  const mayWrite = mayOriginWrite(request, env);
  if (mayWrite || isRead(endpoint.method)) return succeed({ mayWrite });
  return refuse("forbidden", "Pages of this origin may not write here. CORS_ORIGINS names those that may.");
}
