import { describe, expect, it } from "vitest";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { TestTenant } from "../support/test-tenant.ts";
import { exportAll, exportPage, exportText, importAll, importPart, split } from "./transfer-requests.ts";

/** More than two pages. */
const MANY = 10_050;

function idOf(index: number): string {
  return `item-${String(index).padStart(5, "0")}`;
}

async function manyItems(): Promise<TestTenant> {
  const tenant = new TestTenant();
  const ids = Array.from({ length: MANY }, (_, index) => idOf(index));
  await tenant.observe(...ids.slice(0, 6_000));
  await tenant.observe(...ids.slice(6_000));
  return tenant;
}

describe("a tenant's export", () => {
  it("[X1] [X3] is the same by pages and as one stream, and imported it is the same tenant, times included", async () => {
    const tenant = await manyItems();
    const { lines, pages } = await exportAll(`${tenant.path}/export`);
    expect(pages).toBe(3);
    expect(lines.at(-1)).toContain(`"state":{"count":${MANY},"missed":0}`);
    const streamed = (await exportText(`${tenant.path}/export`)).trimEnd().split("\n");
    expect(split(streamed).records).toEqual(split(lines).records);

    const copy = new TestTenant();
    expect(await importAll(`${copy.path}/import`, lines)).toEqual({ taken: MANY, identical: true });
    await copy.evict();
    expect(await copy.count()).toBe(MANY);
    for (const id of [idOf(0), idOf(MANY - 1)]) expect(await copy.counted(id)).toEqual(await tenant.counted(id));
    expect(await copy.observe(idOf(7), "fresh")).toMatchObject({ new: 1, duplicates: 1 });
  });

  it("[X2] has all that was counted before it began, and says how many later ones it missed", async () => {
    const tenant = await manyItems();
    const first = await exportPage(`${tenant.path}/export`);
    await tenant.observe("a-behind", "a-behind-too", "z-ahead");
    const second = await exportPage(`${tenant.path}/export`, first.cursor!);
    const third = await exportPage(`${tenant.path}/export`, second.cursor!);
    expect(third.lines.at(-1)).toContain(`"state":{"count":${MANY + 1},"missed":2}`);
    const copy = new TestTenant();
    const lines = [...first.lines, ...second.lines, ...third.lines];
    expect(await importAll(`${copy.path}/import`, lines)).toEqual({ taken: MANY + 1, identical: true });
    expect(await copy.counted("z-ahead")).toMatchObject({ counted: true });
    expect(await copy.counted("a-behind")).toMatchObject({ counted: false });
  });

  it("[X2] begins anew after an erasure", async () => {
    const tenant = await manyItems();
    const { cursor } = await exportPage(`${tenant.path}/export`);
    await tenant.erase();
    await tenant.observe("a");
    await expectProblem(request("GET", `${tenant.path}/export?cursor=${encodeURIComponent(cursor!)}`), "offset_gone");
  });

  it("[X1] goes on after any id", async () => {
    const tenant = new TestTenant();
    const delicate = ["\u0001\u001f", "\u{1f600}", '"', "\\", "é", "e\u0301", "%", "x".repeat(1_024)];
    await tenant.observe(...delicate);
    const { lines } = await exportAll(`${tenant.path}/export`);
    for (const id of delicate) {
      const cursor = JSON.stringify([
        "0".repeat(16),
        0,
        "0".repeat(16),
        { began: await offsetOf(tenant), after: id, read: 0 },
      ]);
      const page = await exportPage(`${tenant.path}/export`, cursor);
      const ids = split(lines).records.map((line) => (JSON.parse(line) as { id: string }).id);
      expect(page.lines.length - 1).toBe(ids.length - 1 - ids.indexOf(id));
    }
  });

  it("[N6] of a tenant without items is refused, and creates nothing", async () => {
    const tenant = new TestTenant();
    await expectProblem(request("GET", `${tenant.path}/export`), "not_found");
    expect(await tenant.tables()).toEqual([]);
  });
});

async function offsetOf(tenant: TestTenant): Promise<string> {
  return (await tenant.stub.exportState()).offset;
}

describe("a tenant's import", () => {
  it("[X4] into what holds items is refused, and changes nothing", async () => {
    const [tenant, other] = [new TestTenant(), new TestTenant()];
    await tenant.observe("a");
    await other.observe("b");
    const { lines } = await exportAll(`${tenant.path}/export`);
    await expectProblem(importPart(`${other.path}/import`, lines), "conflict");
    expect(await other.count()).toBe(1);
    expect(await other.counted("a")).toMatchObject({ counted: false });
  });

  it("[X5] [X6] goes on where it was cut, and says so when items came meanwhile that were not exported", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a", "b", "c");
    const { header, records, end } = split((await exportAll(`${tenant.path}/export`)).lines);
    const copy = new TestTenant();
    await answer(importPart(`${copy.path}/import`, [header, ...records.slice(0, 1)]));
    await copy.evict();
    expect(await copy.observe("c", "d")).toMatchObject({ new: 2 });
    expect(await answer(importPart(`${copy.path}/import`, [header]))).toMatchObject({ taken: 1 });
    const last = await answer(importPart(`${copy.path}/import`, [header, ...records.slice(1), end], 1));
    expect(last).toEqual({ taken: 3, identical: false });
    expect(await copy.count()).toBe(4);
  });

  it("[X4] [X5] whose end comes too early is refused, and so are the records that came with it", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a", "b", "c");
    const { header, records, end } = split((await exportAll(`${tenant.path}/export`)).lines);
    const copy = new TestTenant();
    await expectProblem(importPart(`${copy.path}/import`, [header, ...records.slice(0, 2), end]), "conflict");
    expect(await copy.tables()).toEqual([]);
    expect(await answer(importPart(`${copy.path}/import`, [header, ...records, end]))).toMatchObject({ taken: 3 });
    expect(await answer(importPart(`${copy.path}/import`, [header, ...records, end]))).toMatchObject({ taken: 3 });
  });

  it("[X5] erased, it can be begun again", async () => {
    const tenant = new TestTenant();
    await tenant.observe("a");
    const { lines } = await exportAll(`${tenant.path}/export`);
    await tenant.erase();
    expect(await importAll(`${tenant.path}/import`, lines)).toEqual({ taken: 1, identical: true });
    await tenant.erase();
    expect(await tenant.tables()).toEqual([]);
  });
});
