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
  /** `open` lets everyone do everything, `token` whoever has one. Anything else refuses every request. */
  readonly AUTH_MODE?: string;
  /** Signs the tokens (HS256), and while it is being replaced the one before it. */
  readonly AUTH_SECRET?: string;
  readonly AUTH_SECRET_PREVIOUS?: string;
  /** In place of a secret: where the keys are of whoever signs the tokens. */
  readonly AUTH_JWKS_URL?: string;
  /** What `iss` and `aud` of a token must say; anything unless set. */
  readonly AUTH_ISSUER?: string;
  readonly AUTH_AUDIENCE?: string;
  /** Origins that browsers may call from, separated by commas; `*` for any. */
  readonly CORS_ORIGINS?: string;
  /** How long a slice keeps its pseudonyms after its end and its last event, in milliseconds; seven days by default. */
  readonly SEAL_AFTER_MS?: string;
  /** How often each address, and each holder of a token, may come in a minute; no limit unless set. */
  readonly ADDRESS_REQUESTS_PER_MINUTE?: string;
  readonly TOKEN_REQUESTS_PER_MINUTE?: string;
  /** How many messages one connection may send in a minute, from 6; 600,000 by default. */
  readonly SOCKET_MESSAGES_PER_MINUTE?: string;
  /** The platform's own counts of the requests, which are used where they are bound. */
  readonly ADDRESS_LIMITER?: RateLimit;
  readonly TOKEN_LIMITER?: RateLimit;
  /** The share of successful requests that is logged, from 0 to 1; 0.01 by default. */
  readonly LOG_SAMPLE?: string;
}
