import { describe, expect, it } from "vitest";
import { answer, request } from "../support/request.ts";
import { observe, TestTenant } from "../support/test-tenant.ts";

const NDJSON = { "Content-Type": "application/x-ndjson" };

describe("reporting items", () => {
  it("[N2] answers how many were new and, when asked, which", async () => {
    const tenant = new TestTenant();
    const body = ["a", "b", "a"].map((id) => tenant.item(id));
    const first = await request("POST", "/items", { body });
    expect(await first.text()).toBe('{"status":"success","new":2,"duplicates":1}');
    const second = await request("POST", "/items?verdicts=true", { body: [...body, tenant.item("c")] });
    expect(await second.text()).toBe(
      '{"status":"success","new":1,"duplicates":3,"verdicts":["duplicate","duplicate","duplicate","new"]}',
    );
    const third = await request("POST", "/items?verdicts=false", { body });
    expect(await third.text()).toBe('{"status":"success","new":0,"duplicates":3}');
  });

  it("[N2] takes an array, one object, or a line for each item", async () => {
    const tenant = new TestTenant();
    expect(await observe([tenant.item("a")])).toMatchObject({ new: 1, verdicts: ["new"] });
    expect(await observe(tenant.item("b"))).toMatchObject({ new: 1, verdicts: ["new"] });
    const lines = ["a", "c", "c"].map((id) => JSON.stringify(tenant.item(id)));
    for (const body of [lines.join("\n"), `${lines.join("\r\n")}\r\n`]) {
      const got = await answer(request("POST", "/items?verdicts=true", { body, headers: NDJSON }));
      expect(got["verdicts"]).toEqual(["duplicate", body.includes("\r") ? "duplicate" : "new", "duplicate"]);
    }
    expect(await tenant.count()).toBe(3);
  });

  it("[N6] takes an empty array, which creates nothing", async () => {
    const empty = '{"status":"success","new":0,"duplicates":0}';
    expect(await (await request("POST", "/items", { body: [] })).text()).toBe(empty);
    expect(await (await request("POST", "/items", { body: "\n\n", headers: NDJSON })).text()).toBe(empty);
    expect(await observe([])).toEqual({ status: "success", new: 0, duplicates: 0, verdicts: [] });
  });

  it("[N2] gives verdicts in the order of the items, whatever their tenants", async () => {
    const tenants = Array.from({ length: 7 }, () => new TestTenant());
    await tenants[3]!.observe("x", "y");
    const items = ["x", "y", "x", "z"].flatMap((id) => tenants.map((tenant) => tenant.item(id)));
    const seen = new Set([JSON.stringify(tenants[3]!.item("x")), JSON.stringify(tenants[3]!.item("y"))]);
    const expected = items.map((item) => {
      const key = JSON.stringify(item);
      const verdict = seen.has(key) ? "duplicate" : "new";
      seen.add(key);
      return verdict;
    });
    const got = await observe(items);
    expect(got.verdicts).toEqual(expected);
    expect(got).toMatchObject({ new: 19, duplicates: 9 });
    for (const tenant of tenants) expect(await tenant.count()).toBe(3);
  });

  it("[N1] [N14] counts a request over many more tenants than calls at once", async () => {
    const tenants = Array.from({ length: 200 }, () => new TestTenant());
    const items = tenants.flatMap((tenant) => [tenant.item("a"), tenant.item("b"), tenant.item("a")]);
    expect(await observe(items)).toMatchObject({ new: 400, duplicates: 200 });
    expect(await observe(items)).toMatchObject({ new: 0, duplicates: 600 });
    expect(await tenants.at(-1)!.count()).toBe(2);
  });

  it("[N1] the same id of two tenants is two items", async () => {
    const [one, other] = [new TestTenant(), new TestTenant()];
    expect(await observe([one.item("a"), other.item("a")])).toMatchObject({ new: 2 });
    expect([await one.count(), await other.count()]).toEqual([1, 1]);
  });

  it("[N1] [N2] counts single items that arrive together once, and one of them is told so", async () => {
    const tenant = new TestTenant();
    const ids = Array.from({ length: 120 }, (_, index) => `item-${index % 40}`);
    const answers = await Promise.all(ids.map((id) => observe(tenant.item(id))));
    expect(answers.every((got) => got.new + got.duplicates === 1)).toBe(true);
    const fresh = ids.filter((_, index) => answers[index]!.verdicts![0] === "new");
    expect(new Set(fresh)).toEqual(new Set(ids));
    expect(fresh.length).toBe(40);
    expect(await tenant.count()).toBe(40);
  });

  it("[N1] [N2] requests for one tenant that arrive together count each id once, and each has its own verdicts", async () => {
    const tenant = new TestTenant();
    const requests = [["a", "b", "a"], ["b"], ["c", "a", "d"], [], ["d", "e"], ["a"]];
    const answers = await Promise.all(requests.map((ids) => tenant.observe(...ids)));
    const fresh = requests.flatMap((ids, at) => {
      const { verdicts } = answers[at]!;
      expect(verdicts).toHaveLength(ids.length);
      return ids.filter((_, index) => verdicts![index] === "new");
    });
    expect(fresh.toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    expect(answers[0]!.verdicts![2]).toBe("duplicate");
    expect(await tenant.count()).toBe(5);
  });

  it("[N15] a count read after the answer includes it, alone and in a batch", async () => {
    const tenant = new TestTenant();
    for (let round = 1; round <= 20; round++) {
      await tenant.observe(`single-${round}`);
      expect(await tenant.count()).toBe(round * 3 - 2);
      await tenant.observe(`a-${round}`, `b-${round}`);
      expect(await tenant.count()).toBe(round * 3);
    }
  });

  it("[R3] [N1] takes 10,000 items at once, and the same again", async () => {
    const tenant = new TestTenant();
    const items = Array.from({ length: 10_000 }, (_, index) => tenant.item(`item-${index}`));
    expect(await answer(request("POST", "/items", { body: items }))).toMatchObject({ new: 10_000, duplicates: 0 });
    expect(await answer(request("POST", "/items", { body: items }))).toMatchObject({ new: 0, duplicates: 10_000 });
    expect(await tenant.count()).toBe(10_000);
  });

  it("[R1] [N11] takes ids of 1,024 bytes and names of 256, and tells each byte from another", async () => {
    const tenant = new TestTenant(`${crypto.randomUUID()}${"\u20ac".repeat(73)}a`);
    const long = "\u{10000}".repeat(255);
    expect(await tenant.observe(`${long}abcd`, `${long}abce`, `${long}abcd`)).toMatchObject({ new: 2 });
    expect(await tenant.counted(`${long}abce`)).toMatchObject({ counted: true });
    expect(await tenant.counted(`${long}abcf`)).toMatchObject({ counted: false });
  });
});
