/** Requests to the Worker as a client makes them. */
import { exports } from "cloudflare:workers";

export const ORIGIN = "http://weir";

export interface RequestOptions {
  /** An object is sent as JSON, anything else as it is. Like `curl -d`, it names no JSON type. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function request(method: string, path: string, { body, headers = {} }: RequestOptions = {}): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: isSentAsIs(body) ? body : JSON.stringify(body) }),
  });
}

/** The JSON of an answer that must be of this status. */
export async function answer<T = Record<string, unknown>>(response: Promise<Response>, status = 200): Promise<T> {
  const arrived = await response;
  const text = await arrived.text();
  if (arrived.status !== status)
    throw new Error(`${status} was expected, but the answer is ${arrived.status}: ${text}`);
  return JSON.parse(text) as T;
}

function isSentAsIs(body: unknown): body is string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  return typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
}
