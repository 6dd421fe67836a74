/**
 * Finds the endpoint of a request. Made from the endpoints table; no route is named here.
 *
 * Paths without parameters are looked up. For the others there is a small router for each first segment, since a router
 * looks at one route after the other, and parses the whole address first; with all routes in one, that cost a third of a
 * request's time.
 */
import { IttyRouter } from "itty-router";
import type { IRequest, IttyRouterType } from "itty-router";
import type { Endpoint } from "../protocol/endpoint.ts";
import { endpoints } from "../protocol/endpoints.ts";
import type { EndpointId } from "../protocol/endpoints.ts";

/** What a request asks for. */
export interface Match {
  readonly route: Route;
  /** As they stand in the path, percent-encoded. */
  readonly params: Readonly<Record<string, string>>;
  /** As it stands in the address, with its question mark; empty if there is none. */
  readonly search: string;
}

/** One path and its endpoints. */
export class Route {
  /** What `Allow` says. */
  readonly methods: string[] = [];
  readonly #endpoints = new Map<string, RoutedEndpoint>();

  add(id: EndpointId, endpoint: Endpoint): void {
    const { method } = endpoint;
    this.#endpoints.set(method, { id, endpoint });
    this.methods.push(method);
    if (method !== "GET") return;
    // A HEAD asks for what the GET would answer.
    this.#endpoints.set("HEAD", { id, endpoint });
    this.methods.push("HEAD");
  }

  /** `undefined`: the path exists, but not with this method. */
  endpoint(method: string): RoutedEndpoint | undefined {
    return this.#endpoints.get(method);
  }
}

export interface RoutedEndpoint {
  readonly id: EndpointId;
  readonly endpoint: Endpoint;
}

interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

type SegmentRouter = IttyRouterType<IRequest, [], Found | undefined>;

const ANY_ORIGIN = "http://weir";
const NO_PARAMS: Readonly<Record<string, string>> = {};
const routes = new Map<string, Route>();
const routers = new Map<string, SegmentRouter>();

for (const [id, endpoint] of Object.entries(endpoints) as [EndpointId, Endpoint][]) {
  const { path } = endpoint;
  const route = routes.get(path) ?? new Route();
  if (!routes.has(path)) {
    routes.set(path, route);
    routerOf(path).all(path, ({ params }): Found => ({ route, params }));
  }
  route.add(id, endpoint);
}

/**
 * `undefined`: there is nothing at this path.
 *
 * A path that ends in a slash is another path. URLs drop the segment `..` and the one before it however they are written,
 * so `DELETE /sets/a/elements/..` arrives as `DELETE /sets/a/`, and must not erase the set.
 */
export function match(url: string): Match | undefined | Promise<Match | undefined> {
  const pathAt = url.indexOf("/", url.indexOf("://") + 3);
  const searchAt = url.indexOf("?", pathAt);
  const search = searchAt === -1 ? "" : url.slice(searchAt);
  const path = pathOf(url, pathAt, searchAt);
  // A path with parameters is not found like this: a colon stands in a path only where it is meant.
  const fixed = path.includes(":") ? undefined : routes.get(path);
  if (fixed !== undefined) return { route: fixed, params: NO_PARAMS, search };
  return matchParams(path, search);
}

/** What has no path, like `OPTIONS *`, asks about the server as a whole. */
function pathOf(url: string, pathAt: number, searchAt: number): string {
  if (pathAt === -1) return "/";
  return searchAt === -1 ? url.slice(pathAt) : url.slice(pathAt, searchAt);
}

/**
 * The runtime hands on a path as it was sent, and the router takes dots, backslashes and the like as URLs do. So the path is
 * brought into that form first, or what is asked of it here would be asked of another one. The router is not given the
 * query, which it would parse too.
 */
async function matchParams(sent: string, search: string): Promise<Match | undefined> {
  const { href, pathname } = new URL(`${ANY_ORIGIN}${sent}`);
  if (pathname.endsWith("/")) return undefined;
  const found = await routers.get(segmentOf(pathname))?.fetch({ method: "GET", url: href });
  return found === undefined ? undefined : { ...found, search };
}

function routerOf(path: string): SegmentRouter {
  const segment = segmentOf(path);
  const router = routers.get(segment) ?? IttyRouter<IRequest, [], Found | undefined>();
  routers.set(segment, router);
  return router;
}

function segmentOf(path: string): string {
  return path.split("/", 2)[1] ?? "";
}
