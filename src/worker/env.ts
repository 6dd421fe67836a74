/** What wrangler.toml binds, as the Worker and its objects see it. */
import type { RoutingObject } from "./analytics/routing-object.ts";
import type { SiteObject } from "./analytics/site-object.ts";
import type { SliceObject } from "./analytics/slice-object.ts";
import type { TenantObject } from "./counters/tenant-object.ts";
import type { InventoryObject } from "./backup/inventory-object.ts";
import type { SetObject } from "./sets/set-object.ts";
import type { StreamObject } from "./streams/stream-object.ts";

export interface Env {
  readonly SETS: DurableObjectNamespace<SetObject>;
  readonly TENANTS: DurableObjectNamespace<TenantObject>;
  readonly SLICES: DurableObjectNamespace<SliceObject>;
  readonly SITES: DurableObjectNamespace<SiteObject>;
  readonly ROUTING: DurableObjectNamespace<RoutingObject>;
  readonly STREAMS: DurableObjectNamespace<StreamObject>;
  readonly INVENTORY: DurableObjectNamespace<InventoryObject>;
  /** Where backups go; without it there are none. */
  readonly BACKUPS?: R2Bucket;
  /** `open` lets everyone do everything. Anything else refuses every request until it is configured. */
  readonly AUTH_MODE?: string;
  /** Origins that browsers may call from, separated by commas; `*` for any. */
  readonly CORS_ORIGINS?: string;
  /** How long a slice keeps its pseudonyms after its end and its last event, in milliseconds; seven days by default. */
  readonly SEAL_AFTER_MS?: string;
}
