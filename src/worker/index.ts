/** The Worker: its fetch handler and the Durable Object classes it exports. */
import type { Env } from "./env.ts";
import { handle } from "./serve.ts";

export { RoutingObject } from "./analytics/routing-object.ts";
export { SiteObject } from "./analytics/site-object.ts";
export { SliceObject } from "./analytics/slice-object.ts";
export { TenantObject } from "./counters/tenant-object.ts";
export { SetObject } from "./sets/set-object.ts";
export { StreamObject } from "./streams/stream-object.ts";

export default { fetch: handle } satisfies ExportedHandler<Env>;
