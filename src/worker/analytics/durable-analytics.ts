/** The objects of analytics on the platform: how each is found, and how the edge calls it. */
import type { Env } from "../env.ts";
import { askObject, callObject } from "../object-call.ts";
import { AnalyticsEdge } from "./analytics-edge.ts";
import type { AnalyticsObjects } from "./analytics-objects.ts";
import type { RoutingCalls } from "./routing-object.ts";
import type { SiteCalls } from "./site-object.ts";
import { objectName } from "./slice-address.ts";
import type { SliceAddress } from "./slice-address.ts";
import type { SliceCalls } from "./slice-object.ts";

/** There is one, for all sites. */
const ROUTING_OBJECT_NAME = "routing";

let edge: AnalyticsEdge | undefined;

/** The edge of this isolate, whose bindings are always the same. */
export function analyticsEdge(env: Env): AnalyticsEdge {
  edge ??= new AnalyticsEdge(durableAnalytics(env));
  return edge;
}

function durableAnalytics(env: Env): AnalyticsObjects {
  return {
    routing: () => callObject(routingStub(env), (stub) => stub.read()),

    record: (address, claim, events) => {
      // An event without an id would be counted again.
      const repeatable = events.every(({ id }) => id !== undefined);
      return askObject(sliceStub(env, address), (stub) => stub.record(claim, events), { repeatable });
    },

    totals: (address) => callObject(sliceStub(env, address), (stub) => stub.totals()),

    slices: (site, from, to, limit) => callObject(siteStub(env, site), (stub) => stub.slices(from, to, limit)),
  };
}

export function sliceStub(env: Env, address: SliceAddress): () => SliceCalls {
  return () => env.SLICES.getByName(objectName(address));
}

export function siteStub(env: Env, site: string): () => SiteCalls {
  return () => env.SITES.getByName(site);
}

export function routingStub(env: Env): () => RoutingCalls {
  return () => env.ROUTING.getByName(ROUTING_OBJECT_NAME);
}
