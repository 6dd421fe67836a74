/**
 * Answers a request: finds the endpoint, checks who calls and what they sent, hands typed values to the feature's handler
 * and gives its answer the headers that all answers have.
 */
import type { Endpoint, RequestBody } from "../protocol/endpoint.ts";
import type { EndpointId } from "../protocol/endpoints.ts";
import { parse } from "../protocol/parse.ts";
import { refuseField, succeed } from "../protocol/problem.ts";
import type { Problem, Result } from "../protocol/problem.ts";
import { admit, permit, permitEntries, liveRights } from "./access/access.ts";
import { analyticsHandlers } from "./analytics/analytics-handlers.ts";
import { BodyLease } from "./body-budget.ts";
import { addCorsHeaders, preflight } from "./cors.ts";
import { backupHandlers } from "./backup/backup-handlers.ts";
import { itemHandlers } from "./counters/item-handlers.ts";
import type { Env } from "./env.ts";
import type { Call, Handlers, Texts } from "./handler.ts";
import { checkHost } from "./host-header.ts";
import { withViewerRights } from "./live/viewer-rights.ts";
import { wantsLive } from "./live/wants-live.ts";
import { logError } from "./log.ts";
import { parseQueryString } from "./query-string.ts";
import { dropBody, readBody } from "./request-body.ts";
import { problemResponse } from "./respond.ts";
import { metricsHandlers } from "./operations/metrics-handlers.ts";
import { Observation } from "./operations/observation.ts";
import { limitAddress, limitToken } from "./operations/rate-limits.ts";
import { match } from "./router.ts";
import type { Match } from "./router.ts";
import type { WaitUntil } from "./wait-until.ts";
import { elementSetHandlers, elementSetProblemResponse } from "./sets/element-set-handlers.ts";
import { setHandlers } from "./sets/set-handlers.ts";
import { streamHandlers } from "./streams/stream-handlers.ts";
import { systemHandlers } from "./system-handlers.ts";

const handlers: Handlers = {
  ...systemHandlers,
  ...metricsHandlers,
  ...setHandlers,
  ...elementSetHandlers,
  ...analyticsHandlers,
  ...itemHandlers,
  ...streamHandlers,
  ...backupHandlers,
};

/** What the runtime gives with each request, what is noted about it, and what its body takes, if it has one. */
interface Platform extends Pick<Call<EndpointId>, "request" | "env" | "waitUntil"> {
  readonly observation: Observation;
  lease: BodyLease | undefined;
}

/** A call whose parts the table's schemas have checked; what they are is known to the handler's type alone. */
type CheckedCall = Platform & Readonly<Record<"params" | "query" | "body", unknown>>;
type UntypedHandler = (call: Call<EndpointId>) => Promise<Result<Response>>;

/** Of what an endpoint doesn't have. */
const NOTHING = succeed({});
const NO_BODY = succeed(undefined);

/** Answers one request. Never throws: what was not foreseen is logged and answered with 500. */
export async function handle(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const observation = new Observation(request, env);
  const waitUntil: WaitUntil = (promise) => ctx.waitUntil(promise);
  const platform: Platform = { request, env, waitUntil, observation, lease: undefined };
  let response: Response;
  try {
    response = await respond(platform);
  } catch (error) {
    logError(error, { id: observation.id, route: observation.route });
    response = problemResponse(request, { code: "internal", detail: "Something went wrong here; it was logged." });
  } finally {
    platform.lease?.end();
  }
  const answer = observation.end(response);
  if (!response.ok) await dropBody(request);
  return addCorsHeaders(request, env, request.method === "HEAD" ? withoutBody(answer) : answer);
}

/** Whatever makes the body learns that nobody takes it. */
function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, response);
}

async function respond(platform: Platform): Promise<Response> {
  const { request, env, observation } = platform;
  const { method } = request;
  const host = checkHost(request.headers.get("Host"));
  const found = host.ok ? await match(request.url) : undefined;
  const routed = found?.route.endpoint(method);
  observation.route = routed?.id;
  const limit = routed?.endpoint.unlimited === true ? undefined : limitAddress(request, env);
  const limited = limit === undefined ? undefined : await limit;
  if (limited?.ok === false) return refusalResponse(request, routed?.endpoint, limited.problem);
  if (!host.ok) return problemResponse(request, host.problem);
  if (found === undefined) {
    return problemResponse(request, { code: "not_found", detail: "There is nothing at this path." });
  }
  if (routed === undefined) {
    const { methods } = found.route;
    return method === "OPTIONS" ? preflight(methods) : methodNotAllowed(request, methods);
  }
  const call = await parseCall(platform, routed.endpoint, found);
  const handler: UntypedHandler = handlers[routed.id];
  const result = call.ok ? await handler(call.value) : call;
  return result.ok ? result.value : refusalResponse(request, routed.endpoint, result.problem);
}

async function parseCall(platform: Platform, endpoint: Endpoint, found: Match): Promise<Result<Call<EndpointId>>> {
  const caller = await admit(platform.request, platform.env, endpoint, platform.waitUntil);
  if (!caller.ok) return caller;
  const { key } = caller.value;
  const limited = key === undefined ? undefined : await limitToken(key, platform.env);
  if (limited?.ok === false) return limited;
  const params = parseParams(endpoint, found.params);
  if (!params.ok) return params;
  const query = parseQuery(endpoint, found.search);
  if (!query.ok) return query;
  const permitted = permit(caller.value, endpoint, params.value, query.value);
  if (!permitted.ok) return permitted;
  const body = endpoint.body === undefined ? NO_BODY : await readLeased(platform, endpoint.body);
  if (!body.ok) return body;
  const entries = permitEntries(caller.value, endpoint, body.value);
  if (!entries.ok) return entries;
  let { request } = platform;
  if (endpoint.live === true) {
    const wanted = wantsLive(request);
    if (!wanted.ok) return wanted;
    const rights = liveRights(caller.value, request, platform.env, endpoint, params.value, query.value);
    request = withViewerRights(request, rights);
  }
  const call: CheckedCall = { ...platform, request, params: params.value, query: query.value, body: body.value };
  return succeed(call as Call<EndpointId>);
}

function readLeased(platform: Platform, body: RequestBody): Promise<Result<unknown>> {
  platform.lease = new BodyLease(platform.waitUntil);
  return readBody(platform.request, body, platform.lease);
}

function parseParams({ params: schema }: Endpoint, params: Match["params"]): Result<Texts> {
  if (schema === undefined) return NOTHING;
  const decoded = decodeParams(params);
  return decoded.ok ? (parse(schema, decoded.value) as Result<Texts>) : decoded;
}

function parseQuery({ query: schema }: Endpoint, search: string): Result<Texts> {
  if (schema === undefined) return NOTHING;
  const query = parseQueryString(search);
  return query.ok ? (parse(schema, query.value) as Result<Texts>) : query;
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

function refusalResponse(request: Request, endpoint: Endpoint | undefined, problem: Problem): Response {
  if (endpoint?.errors === "element-set") return elementSetProblemResponse(request, problem);
  return problemResponse(request, problem);
}

function methodNotAllowed(request: Request, methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const problem: Problem = { code: "method_not_allowed", detail: `This path knows ${allow} only.` };
  return problemResponse(request, problem, { Allow: allow });
}
