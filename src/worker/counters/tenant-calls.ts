/** How the object of a tenant is found. */
import type { Tenant } from "../../protocol/names.ts";
import type { Env } from "../env.ts";
import type { TenantCalls } from "./tenant-object.ts";

/** The object that holds the items of `tenant`. */
export function tenantStub(env: Env, tenant: Tenant): () => TenantCalls {
  return () => env.TENANTS.getByName(tenant);
}
