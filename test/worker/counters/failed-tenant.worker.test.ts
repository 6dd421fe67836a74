/**
 * What happens when one tenant's object fails in the middle of a request over several. The failures are made between the
 * Worker and its objects; everything else is real.
 */
import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ItemsAnswer } from "../../../src/protocol/counters.ts";
import type { Env } from "../../../src/worker/env.ts";
import { handle } from "../../../src/worker/serve.ts";
import { TENANT_CALLS_MAX } from "../../../src/worker/counters/observe-items.ts";
import { expectProblem } from "../support/problems.ts";
import { TestTenant } from "../support/test-tenant.ts";

type Fault = (observe: () => Promise<readonly unknown[]>) => Promise<readonly unknown[]>;

/** The call never arrives. */
const lostCall: Fault = () => Promise.reject(new Error("The call was lost."));
/** The call is carried out, and the answer lost. */
const lostAnswer: Fault = async (observe) => {
  await observe();
  throw new Error("The answer was lost.");
};
const overloaded: Fault = () => Promise.reject(Object.assign(new Error("Too much."), { overloaded: true }));

/** The Worker's bindings, in which calls to the objects named in `faults` go through them. */
function faulty(faults: ReadonlyMap<string, Fault>): Env {
  const getByName = (name: string) => {
    const stub = env.TENANTS.getByName(name);
    const fault = faults.get(name);
    if (fault === undefined) return stub;
    return { observe: (ids: readonly string[]) => fault(() => stub.observe(ids)) };
  };
  const get = (target: Env["TENANTS"], key: string | symbol): unknown =>
    key === "getByName" ? getByName : Reflect.get(target, key);
  return { ...env, TENANTS: new Proxy(env.TENANTS, { get }) };
}

function post(bindings: Env, items: unknown): Promise<Response> {
  const request = new Request("http://weir/items?verdicts=true", { method: "POST", body: JSON.stringify(items) });
  return handle(request, bindings, createExecutionContext());
}

describe("a tenant that fails", () => {
  it.each([
    ["the call is lost", lostCall],
    ["the answer is lost", lostAnswer],
    ["the object is overloaded", overloaded],
  ])("[N14] fails the request, by name; the same again counts everything once: %s", async (_, fault) => {
    const tenants = [new TestTenant(), new TestTenant(), new TestTenant()];
    const failing = tenants[1]!;
    const items = ["a", "b", "a"].flatMap((id) => tenants.map((tenant) => tenant.item(id)));
    const refused = await post(faulty(new Map([[failing.name, fault]])), items);
    expect(refused.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
    const problem = await expectProblem(refused, "overloaded", "[1].tenant");
    expect(problem.detail).toContain(`"${failing.name}"`);

    const again = await post(env, items);
    expect(again.status).toBe(200);
    expect(await again.json<ItemsAnswer>()).toMatchObject({ status: "success" });
    for (const tenant of tenants) expect(await tenant.count()).toBe(2);
    const third = await (await post(env, items)).json<ItemsAnswer>();
    expect(third).toMatchObject({ new: 0, duplicates: 9 });
  });

  it.each([
    ["the call is lost", lostCall, 0],
    ["the answer is lost", lostAnswer, 1],
  ])("[N14] fails every single item that shared the call, and repeating is safe: %s", async (_, fault, count) => {
    const tenant = new TestTenant();
    const bindings = faulty(new Map([[tenant.name, fault]]));
    const posts = ["a", "a", "a"].map((id) => post(bindings, tenant.item(id)));
    for (const refused of await Promise.all(posts)) {
      expect(refused.headers.get("Retry-After")).toBe("1");
      const problem = await expectProblem(refused, "overloaded", "[0].tenant");
      expect(problem.detail).toContain(`"${tenant.name}"`);
    }
    expect(await tenant.count()).toBe(count);
    expect(await (await post(env, tenant.item("a"))).json()).toMatchObject({ new: 1 - count });
    expect(await tenant.count()).toBe(1);
  });

  it("[N14] [N10] a disk that fails is such a failure, and leaves the tenant as it was", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a");
    await runInDurableObject(tenant.stub, (_, { storage }) => storage.sql.exec("ALTER TABLE items RENAME TO broken"));
    await expectProblem(await post(env, [tenant.item("a"), tenant.item("b")]), "overloaded", "[0].tenant");
    await runInDurableObject(tenant.stub, (_, { storage }) => storage.sql.exec("ALTER TABLE broken RENAME TO items"));
    expect(await tenant.count()).toBe(1);
    expect(await tenant.observe("a", "b")).toMatchObject({ verdicts: ["duplicate", "new"] });
  });

  it("[N14] [R3] one request has a bounded number of calls under way, and begins no more after a failure", async () => {
    const tenants = Array.from({ length: 3 * TENANT_CALLS_MAX }, () => new TestTenant());
    const failing = tenants[TENANT_CALLS_MAX]!.name;
    let [now, most, calls] = [0, 0, 0];
    const watched = async (name: string, observe: () => Promise<readonly unknown[]>) => {
      calls += 1;
      most = Math.max(most, (now += 1));
      try {
        if (name === failing) return await lostCall(observe);
        return await observe();
      } finally {
        now -= 1;
      }
    };
    const faults = new Map<string, Fault>(tenants.map(({ name }) => [name, (observe) => watched(name, observe)]));
    await expectProblem(
      await post(
        faulty(faults),
        tenants.map((tenant) => tenant.item("a")),
      ),
      "overloaded",
      `[${TENANT_CALLS_MAX}].tenant`,
    );
    expect(most).toBe(TENANT_CALLS_MAX);
    expect(calls).toBeLessThan(tenants.length);
    expect(now).toBe(0);
  });
});
