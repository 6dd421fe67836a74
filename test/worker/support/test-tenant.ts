/** A tenant of a test's own, by the routes that clients use, and the object behind it. */
import { env } from "cloudflare:workers";
import type { CountAnswer, CountedAnswer, ItemsAnswer } from "../../../src/protocol/counters.ts";
import type { TenantObject } from "../../../src/worker/counters/tenant-object.ts";
import { answer, request } from "./request.ts";
import { TestThing } from "./test-thing.ts";

export class TestTenant extends TestThing<TenantObject> {
  constructor(name?: string) {
    super("/items", env.TENANTS, name);
  }

  item(id: string): { readonly id: string; readonly tenant: string } {
    return { id, tenant: this.name };
  }

  /** Reports `ids` in one request, and is answered with the verdict of each. */
  observe(...ids: readonly string[]): Promise<ItemsAnswer> {
    return observe(ids.map((id) => this.item(id)));
  }

  async count(): Promise<number> {
    return (await answer<CountAnswer>(request("GET", `${this.path}/count`))).count;
  }

  counted(id: string): Promise<CountedAnswer> {
    return answer<CountedAnswer>(request("GET", `${this.path}/items/${encodeURIComponent(id)}`));
  }
}

/** Reports items of any tenants in one request. */
export function observe(items: unknown): Promise<ItemsAnswer> {
  return answer<ItemsAnswer>(request("POST", "/items?verdicts=true", { body: items }));
}
