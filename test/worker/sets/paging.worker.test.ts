import { describe, expect, it } from "vitest";
import { compareCodePoints } from "../../../src/core/text.ts";
import { MEMBERS_SCAN_MAX } from "../../../src/worker/sets/set-sql-store.ts";
import { request } from "../support/request.ts";
import { Replica } from "../support/replica.ts";
import { add, remove, TestSet } from "../support/test-set.ts";
import type { TestOp } from "../support/test-set.ts";

/** All members by way of cursors, and how many pages that took. */
async function walk(set: TestSet, limit: number): Promise<{ members: readonly string[]; pages: number }> {
  const members: string[] = [];
  let cursor = "";
  for (let pages = 1; ; pages++) {
    const page = await set.read(`?limit=${limit}${cursor}`);
    expect(page.elements.length).toBeLessThanOrEqual(limit);
    members.push(...page.elements);
    if (page.cursor === null) return { members, pages };
    cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
  }
}

async function writeMany(set: TestSet, ops: readonly TestOp[]): Promise<void> {
  for (let start = 0; start < ops.length; start += 10_000) await set.write(...ops.slice(start, start + 10_000));
}

async function linesOf(response: Response): Promise<readonly Record<string, unknown>[]> {
  const text = new TextDecoder().decode(await response.bytes());
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const lines = { headers: { Accept: "application/x-ndjson" } };

describe("members", () => {
  it("[S22] come once each in code point order, whatever the limit", async () => {
    const set = new TestSet();
    const elements = ["a", "b", "ab", "é", "\uffff", "😀", "\u{10ffff}", "~", "A", "\t", "0", "__proto__"];
    await set.write(...elements.map((element) => add(element, 1)), add("gone", 1), remove("gone", 2));
    const sorted = elements.toSorted(compareCodePoints);
    for (const limit of [1, 2, 5, 11, 12, 13, 10_000]) expect((await walk(set, limit)).members).toEqual(sorted);
    expect(await set.read("?limit=12")).toMatchObject({ cursor: null });
    expect(await set.read("?cursor=zzz&limit=1")).toMatchObject({ elements: ["~"] });
  });

  it("come 1,000 to a page unless the request says", async () => {
    const set = new TestSet();
    await set.write(...Array.from({ length: 1_001 }, (_, index) => add(`element ${index}`, 1)));
    expect((await set.read()).elements).toHaveLength(1_000);
    expect((await set.changes()).changes).toHaveLength(1_000);
    expect((await set.read("?limit=1001")).elements).toHaveLength(1_001);
  });

  it("[S23] come once each across a desert of tombstones", async () => {
    const set = new TestSet();
    const number = (index: number) => String(index).padStart(6, "0");
    const desert = Array.from({ length: MEMBERS_SCAN_MAX + 500 }, (_, index) => remove(number(index), 1));
    await writeMany(set, [...desert, add("000000 first", 1), add("9 last", 1), add("9 very last", 1)]);
    for (const limit of [1, 2, 10_000]) {
      const { members, pages } = await walk(set, limit);
      expect(members).toEqual(["000000 first", "9 last", "9 very last"]);
      expect(pages).toBeGreaterThan(1);
      expect(pages).toBeLessThan(6);
    }
    const streamed = await linesOf(await request("GET", set.path, lines));
    expect(streamed.slice(1).map((line) => line["element"])).toEqual(["000000 first", "9 last", "9 very last"]);
  });

  it("come as lines: first the proof, then each member", async () => {
    const set = new TestSet();
    const { verdicts: _, ...proof } = await set.write(add("b", 1), add("a\n", 1), remove("c", 1));
    const response = await request("GET", set.path, lines);
    expect(response.headers.get("Content-Type")).toBe("application/x-ndjson");
    expect(await linesOf(response)).toEqual([proof, { element: "a\n" }, { element: "b" }]);
    const limited = await request("GET", `${set.path}?limit=1&cursor=a`, lines);
    expect(await linesOf(limited)).toEqual([proof, { element: "a\n" }]);
    const empty = await request("GET", new TestSet().path, lines);
    expect(await linesOf(empty)).toEqual([{ offset: "0:0", size: 0, digest: "0000000000000000" }]);
  });

  it("come as lines, however many there are, and with a limit no more than that", async () => {
    const set = new TestSet();
    const elements = Array.from({ length: 20_001 }, (_, index) => String(index).padStart(5, "0"));
    await writeMany(
      set,
      elements.map((element) => add(element, 1)),
    );
    for (const [limit, count] of [
      ["", 20_001],
      ["?limit=9999", 9_999],
      ["?limit=10000", 10_000],
    ] as const) {
      const response = await request("GET", set.path + limit, lines);
      const streamed = await linesOf(response);
      expect(streamed.slice(1).map((line) => line["element"])).toEqual(elements.slice(0, count));
    }
  });
});

describe("changes", () => {
  it("[S18] come in pages whose offset is where to go on, with the current proof in each", async () => {
    const set = new TestSet();
    await set.write(add("a", 1), add("b", 1), remove("c", 1), add("d", 1));
    const { verdicts: _, ...proof } = await set.write(add("b", 2));
    const replica = new Replica();
    const page = await set.changes("?limit=3");
    await replica.take(page);
    expect(page).toMatchObject({ size: proof.size, digest: proof.digest, more: true });
    expect(page.offset).not.toBe(proof.offset);
    expect(page.changes.map((change) => change.element)).toEqual(["a", "c", "d"]);

    const last = await set.changes(`?limit=3&since=${page.offset}`);
    expect(last).toEqual({ ...proof, changes: [{ element: "b", op: "add", timestamp: 2 }], more: false });
    await replica.take(last);
    expect(await set.changes(`?since=${last.offset}`)).toEqual({ ...proof, changes: [], more: false });
  });

  it("[S18] lose nothing that is written between two pages", async () => {
    const set = new TestSet();
    const replica = new Replica();
    await set.write(...["a", "b", "c", "d", "e"].map((element) => add(element, 1)));
    for (let round = 2; ; round++) {
      const page = await set.changes(`?limit=1${replica.offset === undefined ? "" : `&since=${replica.offset}`}`);
      await replica.take(page);
      if (!page.more) break;
      if (round < 6) await set.write(remove("a", round), add(`new ${round}`, round));
    }
    expect(replica.members.toSorted()).toEqual((await set.read()).elements);
  });

  it("[S20] since an offset that this set never had are gone", async () => {
    const set = new TestSet();
    const { offset } = await set.write(add("a", 1));
    const [epoch] = offset.split(":");
    for (const since of [`${epoch}:2`, "other:1", `other:0`]) {
      expect((await request("GET", `${set.path}/changes?since=${since}`)).status).toBe(410);
    }
    expect((await set.changes(`?since=${epoch}:0`)).changes).toHaveLength(1);
  });
});

describe("answers", () => {
  it("that are long are compressed for clients that accept it", async () => {
    const set = new TestSet();
    await set.write(...Array.from({ length: 500 }, (_, index) => add(`element ${index}`, 1)));
    const encoding = async (accept: string, path = "") => {
      const response = await request("GET", set.path + path, { headers: { "Accept-Encoding": accept } });
      expect((await response.text()).length).toBeGreaterThan(2_048);
      return response.headers.get("Content-Encoding");
    };
    for (const accept of ["gzip", "br, gzip;q=0.5", "*"])
      expect([accept, await encoding(accept)]).toEqual([accept, "gzip"]);
    for (const accept of ["identity", "gzip;q=0", "gzip; q=0.0"]) {
      expect([accept, await encoding(accept)]).toEqual([accept, null]);
    }
    expect(await encoding("gzip", "/changes")).toBe("gzip");
  });
});
