import { describe, expect, it } from "vitest";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

const NOTHING = { offset: "0:0", size: 0, digest: "0000000000000000" };
const DEFAULTS = { bias: "add", max_skew_ms: 300_000, tombstone_retention_ms: null };

describe("a set's life", () => {
  it("[S11] reads as empty while it was never written, and reading creates nothing", async () => {
    const set = new TestSet();
    expect(await set.read()).toEqual({ ...NOTHING, elements: [], cursor: null });
    expect(await set.changes()).toEqual({ ...NOTHING, changes: [], more: false });
    expect(await set.changes("?since=0:0&wait=1")).toEqual({ ...NOTHING, changes: [], more: false });
    const element = await request("GET", `${set.path}/elements/x`);
    expect(await element.json()).toEqual({ present: false, timestamp: null });
    expect(await set.tables()).toEqual([]);
  });

  it("[S11] is not created by operations without effect", async () => {
    const set = new TestSet();
    expect(await set.write()).toEqual({ ...NOTHING, verdicts: [] });
    expect(await set.write(add("a", 8.64e15))).toEqual({ ...NOTHING, verdicts: ["future"] });
    expect(await set.tables()).toEqual([]);
  });

  it("[S12] is created once, with options that stay", async () => {
    const set = new TestSet();
    const options = { bias: "remove", max_skew_ms: 0, tombstone_retention_ms: 1000 };
    expect(await set.create(options, 201)).toEqual(options);
    expect(await set.create(options, 200)).toEqual(options);
    for (const other of [{}, { ...options, bias: "add" }, { ...options, max_skew_ms: 1 }]) {
      await expectProblem(request("PUT", set.path, { body: other }), "conflict");
    }
    expect(await set.create(options, 200)).toEqual(options);
  });

  it("[S12] has the defaults when it is created by a write or without a body", async () => {
    const written = new TestSet();
    await written.write(add("a"));
    expect(await written.create({}, 200)).toEqual(DEFAULTS);
    await expectProblem(request("PUT", written.path, { body: { bias: "remove" } }), "conflict");

    const created = await request("PUT", new TestSet().path);
    expect([created.status, await created.json()]).toEqual([201, DEFAULTS]);
  });

  it("[S2] follows its bias at equal timestamps", async () => {
    for (const [bias, size] of [
      ["add", 1],
      ["remove", 0],
    ] as const) {
      const set = new TestSet();
      await set.create({ bias });
      await set.write(add("a", 1), remove("a", 1), add("a", 1));
      expect(await set.read()).toMatchObject({ size });
    }
  });

  it("[S14] is gone when erased, and written again it is another", async () => {
    const set = new TestSet();
    await set.create({ bias: "remove" });
    const before = await set.write(add("a", 1), remove("b", 2));
    const erased = await request("DELETE", set.path);
    expect([erased.status, await erased.text()]).toEqual([204, ""]);

    expect(await set.tables()).toEqual([]);
    expect(await set.read()).toEqual({ ...NOTHING, elements: [], cursor: null });
    await expectProblem(request("GET", `${set.path}/changes?since=${before.offset}`), "offset_gone", "since");

    const after = await set.write(add("c", 1));
    expect(after.offset.split(":")[0]).not.toBe(before.offset.split(":")[0]);
    await expectProblem(request("GET", `${set.path}/changes?since=${before.offset}`), "offset_gone", "since");
    expect(await set.changes("?since=0:0")).toMatchObject({ changes: [{ element: "c" }] });
    expect(await set.create({}, 200)).toEqual(DEFAULTS);
  });

  it("[S14] can be erased though there is nothing, again and again", async () => {
    const set = new TestSet();
    for (let time = 0; time < 3; time++) expect((await request("DELETE", set.path)).status).toBe(204);
    expect(await set.tables()).toEqual([]);
  });

  it("[S14] never answers with an error or half a set while it is erased and written at once", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const calls = Array.from({ length: 60 }, (_, index) => {
      if (index % 6 === 3) return request("DELETE", set.path);
      if (index % 6 === 5) return request("GET", set.path);
      return request("PUT", `${set.path}/elements/${index}?timestamp=${index}`);
    });
    const statuses = (await Promise.all(calls)).map((response) => response.status);
    expect(statuses.filter((status) => status !== 200 && status !== 204)).toEqual([]);
    const { size, elements } = await set.read();
    expect(elements).toHaveLength(size);
  });
});
