/** What wrangler.toml binds, as the Worker and its objects see it. */
import type { TenantObject } from "./counters/tenant-object.ts";
import type { SetObject } from "./sets/set-object.ts";

export interface Env {
  readonly SETS: DurableObjectNamespace<SetObject>;
  readonly TENANTS: DurableObjectNamespace<TenantObject>;
  /** `open` lets everyone do everything. Anything else refuses every request until it is configured. */
  readonly AUTH_MODE?: string;
  /** Origins that browsers may call from, separated by commas; `*` for any. */
  readonly CORS_ORIGINS?: string;
}
