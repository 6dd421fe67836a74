import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { TestTenant } from "../support/test-tenant.ts";

const NDJSON = { "Content-Type": "application/x-ndjson" };

/** Two tenants, each of whose items come before and after the bad one. */
function around(entry: string): { readonly tenants: readonly TestTenant[]; readonly entries: readonly string[] } {
  const tenants = [new TestTenant(), new TestTenant()];
  const good = tenants.map((tenant) => JSON.stringify(tenant.item("good")));
  return { tenants, entries: [...good, entry, ...good] };
}

async function expectNothingCounted(tenants: readonly TestTenant[]): Promise<void> {
  for (const tenant of tenants) {
    expect(await tenant.tables()).toEqual([]);
    expect(await tenant.count()).toBe(0);
  }
}

describe("bad items", () => {
  it.each([
    ["no id", '{"tenant":"t"}', ["[2].id"]],
    ["an empty id", '{"id":"","tenant":"t"}', ["[2].id"]],
    ["a number as id", '{"id":1,"tenant":"t"}', ["[2].id"]],
    ["null as id", '{"id":null,"tenant":"t"}', ["[2].id"]],
    ["an id with NUL", String.raw`{"id":"a\u0000","tenant":"t"}`, ["[2].id"]],
    ["a lone surrogate in an id", String.raw`{"id":"\ud800","tenant":"t"}`, ["[2].id"]],
    ["an id of 1,025 bytes", JSON.stringify({ id: "x".repeat(1_025), tenant: "t" }), ["[2].id"]],
    ["an id of 1,025 bytes, fewer letters", JSON.stringify({ id: "\u00e9".repeat(513), tenant: "t" }), ["[2].id"]],
    ["no tenant", '{"id":"a"}', ["[2].tenant"]],
    ["an empty tenant", '{"id":"a","tenant":""}', ["[2].tenant"]],
    ["a list as tenant", '{"id":"a","tenant":["t"]}', ["[2].tenant"]],
    ["a control character in a tenant", String.raw`{"id":"a","tenant":"\n"}`, ["[2].tenant"]],
    ["a tenant of 257 bytes", JSON.stringify({ id: "a", tenant: "x".repeat(257) }), ["[2].tenant"]],
    ["nothing right", "{}", ["[2].id", "[2].tenant"]],
    ["a nested array", '[{"id":"a","tenant":"t"}]', ["[2].id", "[2].tenant"]],
    ["null", "null", ["[2]"]],
    ["a string", '"a"', ["[2]"]],
  ])("[N13] [R4] are refused naming field and index, with nothing counted: %s", async (_, entry, paths) => {
    const { tenants, entries } = around(entry);
    const array = request("POST", "/items", { body: `[${entries.join(",")}]` });
    const problem = await expectProblem(array, "invalid_request", ...paths);
    expect(problem.detail).toContain(paths[0]);
    const lines = request("POST", "/items", { body: entries.join("\n"), headers: NDJSON });
    await expectProblem(lines, "invalid_request", ...paths);
    await expectNothingCounted(tenants);
  });

  it("[N13] [R3] are refused when there are 10,001, of which none is counted", async () => {
    const tenant = new TestTenant();
    const items = Array.from({ length: limits.batchEntriesMax + 1 }, (_, index) => tenant.item(String(index)));
    await expectProblem(request("POST", "/items", { body: items }), "payload_too_large", "body");
    const lines = items.map((item) => JSON.stringify(item)).join("\n");
    await expectProblem(request("POST", "/items", { body: lines, headers: NDJSON }), "payload_too_large", "body");
    await expectNothingCounted([tenant]);
  });

  it("[N13] [R4] are refused when the last of many lines is broken off", async () => {
    const tenant = new TestTenant();
    const lines = Array.from({ length: 9_999 }, (_, index) => JSON.stringify(tenant.item(String(index))));
    const body = `${lines.join("\n")}\n{"id":"last","tena`;
    await expectProblem(request("POST", "/items", { body, headers: NDJSON }), "invalid_request", "[9999]");
    await expectNothingCounted([tenant]);
  });

  it.each([
    ["nothing", ""],
    ["white space", " \n"],
    ["null", "null"],
    ["a string", '"a"'],
    ["a number", "1"],
    ["broken JSON", '[{"id":"a","tenant":"t"}'],
    ["two values", "[][]"],
  ])("[R4] are refused when the body is %s", async (_, body) => {
    await expectProblem(request("POST", "/items", { body }), "invalid_request", "body");
  });

  it("[N13] are refused past 4 MiB, before anything is read of them", async () => {
    const tenant = new TestTenant();
    const item = JSON.stringify(tenant.item("a"));
    const fitting = `[${item}${" ".repeat(limits.bodyBytesMax - item.length - 2)}]`;
    await expectProblem(request("POST", "/items", { body: `${fitting} ` }), "payload_too_large", "body");
    await expectNothingCounted([tenant]);
    expect((await request("POST", "/items", { body: fitting })).status).toBe(200);
  });

  it("[R1] [R4] are refused in paths and queries", async () => {
    const tenant = new TestTenant();
    await expectProblem(
      request("POST", "/items?verdicts=1", { body: [tenant.item("a")] }),
      "invalid_request",
      "verdicts",
    );
    await expectProblem(request("GET", `/items/${"x".repeat(257)}/count`), "invalid_request", "tenant");
    await expectProblem(request("GET", "/items/%00/count"), "invalid_request", "tenant");
    await expectProblem(request("GET", "/items/%ff/count"), "invalid_request", "tenant");
    await expectProblem(request("DELETE", "/items/%0a"), "invalid_request", "tenant");
    await expectProblem(request("GET", `${tenant.path}/items/${"x".repeat(1_025)}`), "invalid_request", "id");
    await expectProblem(request("GET", `${tenant.path}/live`), "invalid_request", "Accept");
    await expectNothingCounted([tenant]);
  });
});
