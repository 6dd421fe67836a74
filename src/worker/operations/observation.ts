/**
 * Watches one request from its arrival to its answer: counts it, logs it, and tells the caller how long it took and what
 * it is called in the log.
 *
 * Counting costs next to nothing and is done for all. A line costs a third of a small request, so of successes only a
 * share is logged, and each line says which; refusals and faults are all logged, as far as the log's bound allows. Headers
 * on each answer would cost more than all the counting, so they are for who asks by sending an id, and for refusals.
 */
import type { Endpoint } from "../../protocol/endpoint.ts";
import { endpoints } from "../../protocol/endpoints.ts";
import type { EndpointId } from "../../protocol/endpoints.ts";
import { utf8Length } from "../../core/text.ts";
import type { Env } from "../env.ts";
import { logBounded, logInfo, logShare } from "../log.ts";
import type { LogFields } from "../log.ts";
import { textOf } from "../respond.ts";
import { countRequest } from "./metrics.ts";
import { givenRequestId, sentRequestId } from "./request-id.ts";

export class Observation {
  /** Whose the path and the method are; `undefined` if they are nobody's. */
  route: EndpointId | undefined;
  readonly #request: Request;
  readonly #env: Env;
  readonly #startMs = Date.now();
  #id: string | undefined;

  constructor(request: Request, env: Env) {
    this.#request = request;
    this.#env = env;
  }

  /** What the log calls this request. */
  get id(): string {
    this.#id ??= sentRequestId(this.#request) ?? givenRequestId(this.#request);
    return this.#id;
  }

  /** The answer, with what it says about the request. */
  end(response: Response): Response {
    const { status } = response;
    const ms = Date.now() - this.#startMs;
    countRequest(this.route, status, ms);
    this.#log(response, status, ms);
    // Nothing can be added to a handshake, and no browser shows what is in it.
    if (status === 101) return response;

    const id = status >= 400 ? this.id : sentRequestId(this.#request);
    if (id === undefined) return response;
    // An answer that comes from an object can't be changed.
    const answer = this.#isLive() ? new Response(response.body, response) : response;
    answer.headers.set("X-Request-Id", id);
    answer.headers.set("Server-Timing", `total;dur=${ms}`);
    return answer;
  }

  #log(response: Response, status: number, ms: number): void {
    if (status >= 400) return logBounded("warn", this.#fields(response, status, ms));
    const share = logShare(this.#env.LOG_SAMPLE);
    if (Math.random() < share) logInfo({ ...this.#fields(response, status, ms), share });
  }

  #fields(response: Response, status: number, ms: number): LogFields {
    const text = textOf(response);
    return {
      event: "request",
      route: this.route ?? "none",
      method: this.#request.method,
      status,
      ms,
      in: Number(this.#request.headers.get("Content-Length") ?? 0),
      // Of streams nobody knows yet.
      out: text === undefined ? undefined : utf8Length(text),
      feature: this.#feature(),
      id: this.id,
    };
  }

  #endpoint(): Endpoint | undefined {
    return this.route === undefined ? undefined : endpoints[this.route];
  }

  #isLive(): boolean {
    return this.#endpoint()?.live === true;
  }

  #feature(): string | undefined {
    const access = this.#endpoint()?.access;
    return access?.kind === "scope" ? access.feature : undefined;
  }
}
