/**
 * Finds the endpoint of a request. Made from the endpoints table; no route is named here.
 *
 * The router looks at one route after the other, which with all of them would cost more than the rest of a request. So
 * there is a small one for each first segment of the paths, and it is given a plain object instead of the request, whose
 * every property is a call into the runtime.
 */
import { IttyRouter } from "itty-router";
import type { IRequest, IttyRouterType } from "itty-router";
import type { Endpoint, Method } from "../protocol/endpoint.ts";
import { endpoints } from "../protocol/endpoints.ts";
import type { EndpointId } from "../protocol/endpoints.ts";

/** What a request asks for. */
export type Match =
  | {
      readonly kind: "endpoint";
      readonly id: EndpointId;
      readonly endpoint: Endpoint;
      /** As they stand in the path, percent-encoded. */
      readonly params: Readonly<Record<string, string>>;
      /** Decoded; a list where a key occurs more than once. */
      readonly query: Readonly<Record<string, string | string[] | undefined>>;
    }
  /** The path exists, with these methods. */
  | { readonly kind: "otherMethod"; readonly methods: readonly string[] };

const routerMethod = { GET: "get", PUT: "put", POST: "post", DELETE: "delete" } as const satisfies Record<
  Method,
  string
>;

type SegmentRouter = IttyRouterType<IRequest, [], Match | undefined>;

const routers = new Map<string, SegmentRouter>();
const methodsByPath = new Map<string, string[]>();

for (const [id, endpoint] of Object.entries(endpoints) as [EndpointId, Endpoint][]) {
  const { method, path } = endpoint;
  const register = routerOf(path)[routerMethod[method]];
  register(path, ({ params, query }): Match => ({ kind: "endpoint", id, endpoint, params, query }));
  const methods = methodsByPath.get(path) ?? [];
  methods.push(...(method === "GET" ? ["GET", "HEAD"] : [method]));
  methodsByPath.set(path, methods);
}
for (const [path, methods] of methodsByPath) {
  routerOf(path).all(path, (): Match => ({ kind: "otherMethod", methods }));
}

/**
 * `undefined`: there is nothing at this path. A HEAD asks for what the GET would answer.
 *
 * A path that ends in a slash is another path. URLs drop the segment `..` and the one before it however they are written,
 * so `DELETE /sets/a/elements/..` arrives as `DELETE /sets/a/`, and must not erase the set.
 */
export async function match(method: string, url: string): Promise<Match | undefined> {
  const [, path = "", segment = ""] = /^[a-z]+:\/\/[^/]*\/(([^/?#]*)[^?#]*)/.exec(url) ?? [];
  if (path.endsWith("/")) return undefined;
  return routers.get(segment)?.fetch({ method: method === "HEAD" ? "GET" : method, url });
}

function routerOf(path: string): SegmentRouter {
  const segment = path.split("/", 2)[1] ?? "";
  const router = routers.get(segment) ?? IttyRouter<IRequest, [], Match | undefined>();
  routers.set(segment, router);
  return router;
}
