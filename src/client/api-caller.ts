/**
 * Calls a route of the endpoints table: its path, its query, its body and its answer all have the types that the table
 * gives them. Refusals are thrown as {@link WeirError}.
 *
 * A call that can be repeated without doing more is tried again, at most {@link RETRIES_MAX} times, when the server asks
 * for it (429, 503) or can't be reached. Which calls those are the table says: one that leaves the timestamp to the server
 * is another each time, and so is an event without an id. A call that is refused for its token is made once more if there
 * is a fresh one, for nothing was done.
 */
import * as v from "valibot";
import type { Endpoint, RequestBody } from "../protocol/endpoint.ts";
import { endpoints } from "../protocol/endpoints.ts";
import type { AnswerOf, BodyInputOf, EndpointId, Endpoints, QueryOf } from "../protocol/endpoints.ts";
import { parseJson } from "../protocol/parse-json.ts";
import { BACKOFF_CAP_MS, backoffMs } from "./backoff.ts";
import type { LiveConnectionOptions, SocketAddress } from "./live/live-connection.ts";
import { isOfToken, refusal, UNAUTHORIZED, unreachable } from "./refusal.ts";
import type { Answered } from "./refusal.ts";
import type { Runtime } from "./runtime.ts";
import type { TokenSource } from "./token-source.ts";
import { WeirError } from "./weir-error.ts";

export const RETRIES_MAX = 3;

const JSON_TYPE = "application/json";
const LINES_TYPE = "application/x-ndjson";
const EVENTS = "text/event-stream";

/** How long a call may take, on top of what it asks the server to wait. */
const TIMEOUT_MS = 30_000;

/** What of an endpoint says how it is sent. */
type Sendable = Pick<Endpoint, "method" | "body">;

/** The path's parameters, as they are before encoding. */
export type PathOf<K extends EndpointId> = Endpoints[K] extends { readonly params: infer S }
  ? S extends v.GenericSchema
    ? Readonly<v.InferInput<S>>
    : never
  : Readonly<Record<string, never>>;

type QueryValues = Readonly<Record<string, string | number | undefined>>;

export interface Call<K extends EndpointId> {
  readonly params: PathOf<K>;
  readonly query?: Readonly<QueryOf<K>> | undefined;
  readonly body?: BodyInputOf<K> | undefined;
  /** In place of `body`, the same as lines of JSON; they are sent as they are. */
  readonly lines?: Uint8Array<ArrayBuffer> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Goes on though the page that sends it is gone; browsers allow that for small bodies only. */
  readonly keepalive?: boolean | undefined;
}

export interface ApiCallerOptions {
  /** Of the server, with no path. */
  readonly url: URL;
  readonly tokens: TokenSource;
  readonly fetch: typeof fetch;
  readonly runtime: Runtime;
}

export class ApiCaller {
  readonly #options: ApiCallerOptions;

  constructor(options: ApiCallerOptions) {
    this.#options = options;
  }

  /** The address of a route. Throws where `params` or `query` hold what no address can say. */
  url<K extends EndpointId>(id: K, { params, query }: Pick<Call<K>, "params" | "query">): URL {
    const path = endpoints[id].path.replaceAll(/:(\w+)/g, (_, name: string) =>
      encodeSegment(name, (params as Readonly<Record<string, string>>)[name] ?? ""),
    );
    const url = new URL(path, this.#options.url);
    for (const [name, value] of Object.entries((query ?? {}) as QueryValues)) {
      if (value !== undefined) url.searchParams.set(name, wellFormed(name, String(value)));
    }
    return url;
  }

  /**
   * What a live connection to a route needs to know of it.
   *
   * @param call where to resume, from `since`
   * @param isFinal which refusals end it; unless told otherwise those of its token, for others may pass
   */
  live<K extends EndpointId>(
    id: K,
    call: (since: string | undefined) => Pick<Call<K>, "params" | "query">,
    isFinal: (refusal: WeirError) => boolean = isOfToken,
  ): Pick<LiveConnectionOptions<unknown>, "address" | "findRefusal"> {
    return {
      address: (since) => {
        const url = this.url(id, call(since));
        const token = this.#options.tokens.current();
        return token instanceof Promise ? token.then((fresh) => socketAddress(url, fresh)) : socketAddress(url, token);
      },
      findRefusal: async (since) => {
        const refused = await this.findRefusal(id, call(since));
        return refused !== undefined && isFinal(refused) ? refused : undefined;
      },
    };
  }

  /**
   * What the server has against opening a live route, which a WebSocket that it refuses doesn't tell; `undefined`: nothing, or
   * nobody wants to know any more. That it, or who gives tokens, can't be reached is an answer too.
   *
   * Asks for events, and hangs up at the first sign that they would be given. The head alone would open nothing, but says no
   * more than a status, and a browser reports each request that is refused.
   */
  async findRefusal<K extends EndpointId>(id: K, call: Omit<Call<K>, "body">): Promise<WeirError | undefined> {
    const url = this.url(id, call);
    const { signal } = call;
    try {
      const asked = await this.#asHolder((token) => this.#fetch({ method: "GET" }, url, { signal }, token, EVENTS));
      return asked.status < 400 ? undefined : refusal(asked);
    } catch (error) {
      if (error instanceof WeirError) return error;
      if (signal?.aborted === true) return undefined;
      throw error;
    }
  }

  /** The JSON of the answer; `undefined` where the route has none. */
  async call<K extends EndpointId>(id: K, call: Call<K>): Promise<AnswerOf<K>> {
    const url = this.url(id, call);
    const retriesMax = isRepeatable(id, call) ? RETRIES_MAX : 0;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#callOnce(id, url, call);
      } catch (error) {
        const pauseMs = error instanceof WeirError ? this.#pauseMs(error, failures) : undefined;
        if (pauseMs === undefined || failures > retriesMax || call.signal?.aborted === true) throw error;
        await this.#pause(pauseMs, call.signal);
      }
    }
  }

  /**
   * The answer as lines of JSON, in chunks as they come, for answers that are too long to be held. Not tried again, for what
   * came is taken already. Throws if it breaks off, also if nothing comes for {@link TIMEOUT_MS}.
   */
  async *download<K extends EndpointId>(id: K, call: Call<K>): AsyncGenerator<Uint8Array, void, undefined> {
    const url = this.url(id, call);
    const hangUp = new AbortController();
    const signal = call.signal === undefined ? hangUp.signal : AbortSignal.any([hangUp.signal, call.signal]);
    const inTime = async <T>(promise: Promise<T>): Promise<T> => {
      const cancel = this.#options.runtime.setTimer(TIMEOUT_MS, () => hangUp.abort());
      return promise.finally(cancel);
    };
    try {
      const send = (token: string | undefined) =>
        this.#send(endpoints[id], url, { ...call, signal }, token, LINES_TYPE);
      const response = await inTime(this.#asHolder(send));
      if (response.status >= 400) {
        const { status, headers } = response;
        throw refusal({ status, headers, text: await inTime(response.text()) });
      }
      const reader = response.body?.getReader();
      for (;;) {
        const read = reader === undefined ? undefined : await inTime(reader.read());
        if (read === undefined || read.done) return;
        yield read.value;
      }
    } catch (cause) {
      if (cause instanceof WeirError || call.signal?.aborted === true) throw cause;
      throw unreachable(url, cause);
    } finally {
      hangUp.abort();
    }
  }

  async #callOnce<K extends EndpointId>(id: K, url: URL, call: Call<K>): Promise<AnswerOf<K>> {
    const endpoint: Endpoint = endpoints[id];
    const answered = await this.#asHolder((token) => this.#fetch(endpoint, url, call, token));
    const { status } = answered;
    if (status >= 400) throw refusal(answered);
    const schema = (endpoint.answers[200] ?? endpoint.answers[202])?.schema;
    if (schema === undefined) return undefined as AnswerOf<K>;
    const answer = v.safeParse(schema, parseJson(answered.text));
    if (answer.success) return answer.output as AnswerOf<K>;
    const detail = `The answer of ${endpoint.method} ${url.pathname} (${status}) is not of this version of the contract.`;
    throw new WeirError({ code: "internal", detail, status });
  }

  /** Asks with the token, and once more if that is refused and there is another. */
  async #asHolder<A extends Pick<Response, "status"> & Partial<Pick<Response, "body">>>(
    ask: (token: string | undefined) => Promise<A>,
  ): Promise<A> {
    const { tokens } = this.#options;
    const token = await tokens.current();
    const asked = await ask(token);
    if (asked.status !== UNAUTHORIZED || !(await tokens.renew(token))) return asked;
    await asked.body?.cancel();
    return ask(await tokens.current());
  }

  async #fetch(
    endpoint: Sendable,
    url: URL,
    call: Pick<Call<EndpointId>, "body" | "lines" | "signal" | "keepalive">,
    token: string | undefined,
    accept = JSON_TYPE,
  ): Promise<Answered> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS + Number(url.searchParams.get("wait") ?? 0));
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
    try {
      const response = await this.#send(endpoint, url, { ...call, signal }, token, accept);
      const { status, headers } = response;
      if (accept !== EVENTS || status >= 400) return { status, headers, text: await response.text() };
      // It would tell events for ever.
      await response.body?.cancel();
      return { status, headers, text: "" };
    } catch (cause) {
      if (call.signal?.aborted === true) throw cause;
      throw unreachable(url, cause);
    }
  }

  #send(
    { method, body }: Sendable,
    url: URL,
    { body: input, lines, signal, keepalive }: Pick<Call<EndpointId>, "body" | "lines" | "signal" | "keepalive">,
    token: string | undefined,
    accept: string,
  ): Promise<Response> {
    const isText = body?.text === true;
    const type = lines !== undefined ? LINES_TYPE : isText ? "text/plain" : JSON_TYPE;
    const sent = lines ?? (input === undefined ? undefined : isText ? String(input) : JSON.stringify(input));
    return this.#options.fetch(url, {
      method,
      headers: { Accept: accept, ...authorization(token), ...(sent !== undefined && { "Content-Type": type }) },
      ...(sent !== undefined && { body: sent }),
      ...(keepalive === true && { keepalive: true }),
      ...(signal !== undefined && { signal }),
    });
  }

  /** How long to wait before trying again; `undefined` if that wouldn't help. */
  #pauseMs({ code, retryAfterS }: WeirError, failures: number): number | undefined {
    if (code !== "network" && code !== "rate_limited" && code !== "overloaded") return undefined;
    const backoff = backoffMs(failures, this.#options.runtime.random());
    if (retryAfterS === undefined) return backoff;
    // Who is told to come back much later should not keep its caller waiting in silence.
    return retryAfterS * 1000 > BACKOFF_CAP_MS ? undefined : retryAfterS * 1000 + backoff;
  }

  #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.#options.runtime.setTimer(ms, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

function authorization(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** A page can't set the headers of a socket, so the token is among the subprotocols. */
function socketAddress(url: URL, token: string | undefined): SocketAddress {
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return { url: socketUrl.href, protocols: token === undefined ? [] : ["weir", `bearer.${token}`] };
}

/** Whether doing it again does nothing more, as the table says of the endpoint. */
function isRepeatable<K extends EndpointId>(id: K, { query, body }: Call<K>): boolean {
  const { repeatableBy, body: takes }: Endpoint = endpoints[id];
  if (repeatableBy === undefined) return true;
  const entries = takes === undefined ? [query ?? {}] : entriesOf(body ?? {}, takes);
  return entries.every((entry) => entry[repeatableBy] !== undefined);
}

/** The entries of a batch: the body itself, or what it has under the key that lines of JSON would go to. */
function entriesOf(body: object, { ndjson }: RequestBody): readonly Readonly<Record<string, unknown>>[] {
  const entries: unknown = typeof ndjson === "string" ? (body as Readonly<Record<string, unknown>>)[ndjson] : body;
  return Array.isArray(entries) ? (entries as readonly Readonly<Record<string, unknown>>[]) : [{ ...body }];
}

/** Text as one segment of a path. URLs drop the segments `.` and `..`, in whatever way they are written. */
function encodeSegment(name: string, text: string): string {
  if (text === "." || text === "..") throw unwritable(name, `can't be ${JSON.stringify(text)}, which no URL can name`);
  return encodeURIComponent(wellFormed(name, text));
}

/** In an address a replacement character would stand for a lone surrogate, and the call would be about another text. */
function wellFormed(name: string, text: string): string {
  if (!text.isWellFormed()) throw unwritable(name, "must be well-formed Unicode, without lone surrogates");
  return text;
}

function unwritable(name: string, message: string): WeirError {
  const errors = [{ path: name, message }];
  return WeirError.of({ code: "invalid_request", detail: `${name}: ${message}.`, errors });
}
