/**
 * A `fetch` for long bodies and short answers: it sends the bytes that it is given, where the global one sends a copy, which
 * Node doesn't collect for as long as it has 64 MiB of them. Follows no redirections, and takes no `Request`, which would bring
 * a method, headers and a body of its own.
 */
import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";

export const sendingFetch: typeof fetch = async (input, init = {}) => {
  if (input instanceof Request) throw new TypeError("Not a Request: give the address and what to send.");
  const url = new URL(input);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const { method = "GET", signal, body } = init;
  const headers = Object.fromEntries(new Headers(init.headers));
  const sent = request(url, { method, headers, ...(signal != null && { signal }) }, resolve);
  sent.on("error", reject);
  if (body != null && typeof body !== "string" && !(body instanceof Uint8Array))
    throw new TypeError("Not such a body.");
  sent.end(body ?? undefined);
  const answer = await promise;
  const { statusCode: status = 0 } = answer;
  const text = (await answer.setEncoding("utf8").toArray()).join("");
  return new Response(text === "" ? null : text, { status, headers: headersOf(answer) });
};

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}
