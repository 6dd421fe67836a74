/** A tenant of a test's own, by the routes that clients use, and the object behind it. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { CountAnswer, CountedAnswer, ItemsAnswer } from "../../../src/protocol/counters.ts";
import type { TenantObject } from "../../../src/worker/counters/tenant-object.ts";
import { answer, request } from "./request.ts";

export class TestTenant {
  readonly name: string;
  readonly path: string;

  constructor(name: string = crypto.randomUUID()) {
    this.name = name;
    this.path = `/items/${encodeURIComponent(name)}`;
  }

  get stub(): DurableObjectStub<TenantObject> {
    return env.TENANTS.getByName(this.name);
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

  async erase(): Promise<number> {
    return (await request("DELETE", this.path)).status;
  }

  /** Names of all that the object's database holds; the platform's own tables apart. */
  tables(): Promise<readonly string[]> {
    return runInDurableObject(this.stub, (_, { storage }) =>
      storage.sql
        .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
        .toArray()
        .map((row) => row.name),
    );
  }
}

/** Reports items of any tenants in one request. */
export function observe(items: unknown): Promise<ItemsAnswer> {
  return answer<ItemsAnswer>(request("POST", "/items?verdicts=true", { body: items }));
}
