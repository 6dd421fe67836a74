/**
 * The edge: finds the endpoint, checks who calls and what they sent, hands typed values to the feature's handler and
 * gives its answer the headers that all answers have. Made from the endpoints table; no route is named here.
 */
import { IttyRouter } from "itty-router";
import type { IRequest } from "itty-router";
import type * as v from "valibot";
import type { Endpoint } from "../protocol/endpoint.ts";
import { endpoints } from "../protocol/endpoints.ts";
import type { EndpointId } from "../protocol/endpoints.ts";
import { parse } from "../protocol/parse.ts";
import { refuseField, succeed } from "../protocol/problem.ts";
import type { Problem, Result } from "../protocol/problem.ts";
import { authorize } from "./access.ts";
import { analyticsHandlers } from "./analytics/analytics-handlers.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { itemHandlers } from "./counters/item-handlers.ts";
import type { Env } from "./env.ts";
import type { Call, Handlers } from "./handler.ts";
import { logError } from "./log.ts";
import { readBody } from "./request-body.ts";
import { problemResponse } from "./respond.ts";
import { elementSetHandlers, elementSetProblemResponse } from "./sets/element-set-handlers.ts";
import { setHandlers } from "./sets/set-handlers.ts";
import { systemHandlers } from "./system-handlers.ts";

const handlers: Handlers = {
  ...systemHandlers,
  ...setHandlers,
  ...elementSetHandlers,
  ...itemHandlers,
  ...analyticsHandlers,
};

/** What the runtime gives with each request. */
type Platform = Pick<Call<EndpointId>, "env" | "waitUntil">;

/** A call whose parts the table's schemas have checked; what they are is known to the handler's type alone. */
type UntypedHandler = (call: Call<EndpointId>) => Promise<Result<Response>>;

const router = IttyRouter<IRequest, [Platform], Promise<Response>>();
const methodsByPath = new Map<string, string[]>();
for (const [id, endpoint] of Object.entries(endpoints) as [EndpointId, Endpoint][]) {
  const methods = methodsByPath.get(endpoint.path) ?? [];
  methods.push(...(endpoint.method === "GET" ? ["GET", "HEAD"] : [endpoint.method]));
  methodsByPath.set(endpoint.path, methods);
  router.all(endpoint.path, (request, platform) => {
    if (request.method !== endpoint.method) return undefined;
    return serve(request, platform, endpoint, handlers[id]);
  });
}
for (const [path, methods] of methodsByPath) {
  router.all(path, (request) =>
    request.method === "OPTIONS" ? preflight(methods) : methodNotAllowed(request, methods),
  );
}

/** Answers one request. Never throws: what was not foreseen is logged and answered with 500. */
export async function handle(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const response = await route(request, { env, waitUntil: (promise) => ctx.waitUntil(promise) });
  if (response.status === 101) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(corsHeaders(request, env))) headers.append(name, value);
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  const body = request.method === "HEAD" ? null : response.body;
  return new Response(body, { status: response.status, headers });
}

async function route(request: Request, platform: Platform): Promise<Response> {
  try {
    // A HEAD is a GET whose body is not sent.
    const routed = request.method === "HEAD" ? new Request(request, { method: "GET" }) : request;
    const found: Response | undefined = await router.fetch(routed, platform);
    return found ?? problemResponse(request, { code: "not_found", detail: "There is nothing at this path." });
  } catch (error) {
    logError(error);
    return problemResponse(request, { code: "internal", detail: "Something went wrong here; it was logged." });
  }
}

async function serve(
  request: IRequest,
  platform: Platform,
  endpoint: Endpoint,
  handler: UntypedHandler,
): Promise<Response> {
  const call = await parseCall(request, platform, endpoint);
  const result = call.ok ? await handler(call.value) : call;
  if (result.ok) return result.value;
  return endpoint.errors === "element-set"
    ? elementSetProblemResponse(request, result.problem)
    : problemResponse(request, result.problem);
}

async function parseCall(request: IRequest, platform: Platform, endpoint: Endpoint): Promise<Result<Call<EndpointId>>> {
  const allowed = authorize(platform.env, endpoint);
  if (!allowed.ok) return allowed;
  const decoded = decodeParams(request.params);
  if (!decoded.ok) return decoded;
  const params = endpoint.params === undefined ? decoded : parse(endpoint.params, decoded.value);
  if (!params.ok) return params;
  const query = endpoint.query === undefined ? succeed({}) : parseQuery(request, endpoint.query);
  if (!query.ok) return query;
  const body = endpoint.body === undefined ? succeed(undefined) : await readBody(request, endpoint.body);
  if (!body.ok) return body;
  return succeed({
    ...platform,
    request,
    params: params.value,
    query: query.value,
    body: body.value,
  } as Call<EndpointId>);
}

function parseQuery(request: IRequest, schema: v.GenericSchema): Result<unknown> {
  // What is not UTF-8 has been replaced by now, which would make different names the same.
  const percent = request.url.indexOf("%", request.url.indexOf("?") + 1);
  if (percent !== -1 && !isDecodable(new URL(request.url).search)) {
    return refuseField("query", "must be percent-encoded UTF-8");
  }
  return parse(schema, { ...request.query });
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function decodeParams(params: Readonly<Record<string, string>>): Result<Readonly<Record<string, string>>> {
  const decoded: Record<string, string> = {};
  for (const [name, text] of Object.entries(params)) {
    try {
      decoded[name] = decodeURIComponent(text);
    } catch {
      return refuseField(name, "must be percent-encoded UTF-8");
    }
  }
  return succeed(decoded);
}

function methodNotAllowed(request: Request, methods: readonly string[]): Response {
  const problem: Problem = { code: "method_not_allowed", detail: `This path knows ${methods.join(", ")} only.` };
  const response = problemResponse(request, problem);
  response.headers.set("Allow", methods.join(", "));
  return response;
}
