/**
 * Cross-origin rules: pages of any origin may read while the server is open. To do more, an origin must be the server's
 * own or named in `CORS_ORIGINS`; otherwise any page that a person visits could write to an open server on their machine.
 * Never with credentials, so a page can't act with the cookies of a person who visits it.
 *
 * Only browsers send `Origin`. Programs are not concerned.
 */
import type { Env } from "./env.ts";

const REQUEST_HEADERS = "Authorization, Cache-Control, Content-Type, Last-Event-ID, X-Request-Id";
/** What pages of other origins may see of an answer besides what all may. */
const EXPOSED_HEADERS = "Retry-After, Server-Timing, WWW-Authenticate, X-Request-Id";
const MAX_AGE_S = 86_400;

/** The answer with the headers that let the calling page see it, or without, if it must not. */
export function addCorsHeaders(request: Request, env: Env, response: Response): Response {
  const origin = request.headers.get("Origin");
  if (origin === null || response.status === 101) return response;
  const method = request.headers.get("Access-Control-Request-Method") ?? request.method;
  const allowed = allowedOrigin(origin, method, env);
  const headers = new Headers(response.headers);
  headers.append("Vary", "Origin");
  if (allowed !== undefined) {
    headers.set("Access-Control-Allow-Origin", allowed);
    headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  }
  return new Response(response.body, { status: response.status, headers });
}

/** Answers a preflight for a path that knows `methods`. */
export function preflight(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return new Response(null, {
    status: 204,
    headers: {
      Allow: allow,
      "Access-Control-Allow-Methods": allow,
      "Access-Control-Allow-Headers": REQUEST_HEADERS,
      "Access-Control-Max-Age": String(MAX_AGE_S),
    },
  });
}

/** Whether the page that sends `request`, if it is one, is the server's own or a configured one. */
export function isOriginTrusted(request: Request, env: Env): boolean {
  const origin = request.headers.get("Origin");
  if (origin === null || origin === new URL(request.url).origin) return true;
  return configuredOrigin(origin, env) !== undefined;
}

function allowedOrigin(origin: string, method: string, env: Env): string | undefined {
  return configuredOrigin(origin, env) ?? (env.AUTH_MODE === "open" && isRead(method) ? "*" : undefined);
}

function configuredOrigin(origin: string, env: Env): string | undefined {
  const configured = (env.CORS_ORIGINS ?? "").split(",").map((entry) => entry.trim());
  if (configured.includes("*")) return "*";
  return configured.includes(origin) ? origin : undefined;
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
