/** Answers: JSON, problems, and the headers that go with them. Each header is a call into the runtime, so there are few. */
import { problemBody, problemStatus, succeed } from "../protocol/problem.ts";
import type { Problem, Result } from "../protocol/problem.ts";

export type HeaderRecord = Readonly<Record<string, string>>;

/** Smaller answers gain nothing from compression, in bytes or in time. */
const COMPRESSED_CHARS_MIN = 2_048;

/** Where an answer keeps its text: it doesn't tell its length before it is sent, and the log asks for it. */
const TEXT = Symbol("text");

/** A property, because to keep it in a map costs a thirtieth of a small request. */
interface TextResponse extends Response {
  [TEXT]?: string;
}

export function jsonResponse(request: Request, value: unknown, status = 200, headers: HeaderRecord = {}): Response {
  const body = JSON.stringify(value);
  const compression = body.length < COMPRESSED_CHARS_MIN ? {} : compressionHeaders(request);
  return textResponse(body, status, {
    "Content-Type": "application/json",
    "X-Content-Type-Options": "nosniff",
    ...compression,
    ...headers,
  });
}

/** The runtime says `text/plain;charset=UTF-8` of a text by itself, for less than a header costs. */
export function textResponse(text: string, status: number, headers: HeaderRecord): Response {
  const response: TextResponse = new Response(text, { status, headers });
  response[TEXT] = text;
  return response;
}

/** The whole body of an answer that was made here of a text, before any compression. */
export function textOf(response: TextResponse): string | undefined {
  return response[TEXT];
}

/** The JSON of a value, or what stands in its place. */
export function jsonAnswer(request: Request, result: Result<unknown>): Result<Response> {
  return result.ok ? succeed(jsonResponse(request, result.value)) : result;
}

/** That something was done of which there is nothing to say, or what stands in its place. */
export function emptyAnswer(result: Result<unknown>): Result<Response> {
  return result.ok ? succeed(new Response(null, { status: 204 })) : result;
}

export function problemResponse(request: Request, problem: Problem, headers: HeaderRecord = {}): Response {
  return jsonResponse(request, problemBody(problem), problemStatus[problem.code], {
    ...refusalHeaders(problem),
    "Content-Type": "application/problem+json",
    ...headers,
  });
}

/** The headers of a refusal, whatever the shape of its body. */
export function refusalHeaders(problem: Problem): HeaderRecord {
  if (problem.retryAfterS !== undefined) return { "Retry-After": String(problem.retryAfterS) };
  if (problem.code !== "unauthorized") return {};
  return { "WWW-Authenticate": problem.tokenRefused === true ? 'Bearer error="invalid_token"' : "Bearer" };
}

/** The runtime compresses the body of an answer that says that it is compressed. */
export function compressionHeaders(request: Request): HeaderRecord {
  // In front of Cloudflare's edge and of its development server the header is theirs; what the client sent is in `cf`.
  const fromEdge = request.cf?.["clientAcceptEncoding"];
  const accepted = typeof fromEdge === "string" ? fromEdge : (request.headers.get("Accept-Encoding") ?? "");
  const gzip = accepted.split(",").some((coding) => /^\s*(?:gzip|\*)\s*(?:$|;(?!\s*q=0(?:\.0*)?\s*$))/i.test(coding));
  return gzip ? { Vary: "Accept-Encoding", "Content-Encoding": "gzip" } : { Vary: "Accept-Encoding" };
}
