/** Answers: JSON, problems, and what all of them have in common. */
import { problemBody, problemStatus, succeed } from "../protocol/problem.ts";
import type { Problem, Result } from "../protocol/problem.ts";

/** Smaller answers gain nothing from compression, in bytes or in time. */
const COMPRESSED_CHARS_MIN = 2_048;

export function jsonResponse(request: Request, value: unknown, init: ResponseInit = {}): Response {
  const body = JSON.stringify(value);
  const headers = new Headers(init.headers);
  if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  if (body.length >= COMPRESSED_CHARS_MIN) compress(request, headers);
  return new Response(body, { ...init, headers });
}

/** The JSON of a value, or what stands in its place. */
export function jsonAnswer(request: Request, result: Result<unknown>): Result<Response> {
  return result.ok ? succeed(jsonResponse(request, result.value)) : result;
}

export function problemResponse(request: Request, problem: Problem): Response {
  return jsonResponse(request, problemBody(problem), {
    status: problemStatus[problem.code],
    headers: { ...refusalHeaders(problem), "Content-Type": "application/problem+json" },
  });
}

/** The headers of a refusal, whatever the shape of its body. */
export function refusalHeaders(problem: Problem): Readonly<Record<string, string>> {
  if (problem.retryAfterS !== undefined) return { "Retry-After": String(problem.retryAfterS) };
  return problem.code === "unauthorized" ? { "WWW-Authenticate": "Bearer" } : {};
}

/** Whether the client names `type` among those it takes. */
export function accepts(request: Request, type: string): boolean {
  return (request.headers.get("Accept") ?? "").toLowerCase().includes(type);
}

/** The runtime compresses the body when this header is set. */
export function compress(request: Request, headers: Headers): void {
  headers.append("Vary", "Accept-Encoding");
  if (acceptsGzip(request.headers.get("Accept-Encoding") ?? "")) headers.set("Content-Encoding", "gzip");
}

function acceptsGzip(accepted: string): boolean {
  return accepted.split(",").some((coding) => /^\s*(?:gzip|\*)\s*(?:$|;(?!\s*q=0(?:\.0*)?\s*$))/i.test(coding));
}
