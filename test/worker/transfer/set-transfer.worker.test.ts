import { describe, expect, it } from "vitest";
import { formatDigest } from "../../../src/core/sets/digest.ts";
import { addLine } from "../../../src/core/transfer/line-digest.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";
import { exportAll, exportPage, exportText, importAll, importPart, split } from "./transfer-requests.ts";

/** More than two pages. */
const MANY = 10_050;

async function manyEntries(): Promise<TestSet> {
  const set = new TestSet();
  const ops = Array.from({ length: MANY }, (_, index) => (index % 3 === 0 ? remove : add)(`element-${index}`, index));
  await set.write(...ops.slice(0, 6_000));
  await set.write(...ops.slice(6_000));
  return set;
}

async function proofOf(set: TestSet): Promise<readonly unknown[]> {
  const { size, digest } = await set.read("?limit=1");
  return [size, digest];
}

describe("a set's export", () => {
  it("[X1] [X3] is the same by pages and as one stream, and imported it is the same set", async () => {
    const set = await manyEntries();
    const { lines, pages } = await exportAll(`${set.path}/export`);
    expect(pages).toBe(3);
    expect(lines.filter((line) => line.startsWith('{"weir":"cursor"')).length).toBe(2);
    expect(split(lines).records.length).toBe(MANY);
    const streamed = (await exportText(`${set.path}/export`)).trimEnd().split("\n");
    expect(split(streamed).records).toEqual(split(lines).records);
    for (const { records, end } of [split(lines), split(streamed)]) {
      const sum = records.reduce((digest, line) => addLine(digest, line, sha256Hash64), 0n);
      expect(JSON.parse(end)).toMatchObject({ records: MANY, digest: formatDigest(sum) });
    }

    const copy = new TestSet();
    expect(await importAll(`${copy.path}/import`, lines)).toEqual({ taken: MANY, identical: true });
    await copy.evict();
    expect(await proofOf(copy)).toEqual(await proofOf(set));
    expect((await copy.read("?limit=5")).elements).toEqual((await set.read("?limit=5")).elements);
    expect(await answer(request("GET", `${copy.path}/elements/element-3`))).toEqual({ present: false, timestamp: 3 });
  });

  it("[X1] goes on from any cursor, and makes the same file", async () => {
    const set = await manyEntries();
    const first = await exportPage(`${set.path}/export`);
    const [once, again] = [
      await exportPage(`${set.path}/export`, first.cursor!),
      await exportPage(`${set.path}/export`, first.cursor!),
    ];
    expect(again).toEqual(once);
    expect(once.lines.at(-1)).toContain(JSON.stringify(once.cursor));
    for (const cursor of ["", "x", "[]", '["0123456789abcdef",1,"0123456789abcdef","x"]', `["${"a".repeat(9_000)}"]`]) {
      await expectProblem(
        request("GET", `${set.path}/export?cursor=${encodeURIComponent(cursor)}`),
        "invalid_request",
        "cursor",
      );
    }
  });

  it("[X2] has the state at its end, whatever is written meanwhile", async () => {
    const set = await manyEntries();
    const first = await exportPage(`${set.path}/export`);
    await set.write(add("element-0", 1_000_000), remove("element-1", 1_000_000), add("new", 5));
    const rest = await answer<{ lines: string[]; cursor: string }>(
      request("GET", `${set.path}/export?cursor=${encodeURIComponent(first.cursor!)}`),
    );
    const last = await exportPage(`${set.path}/export`, rest.cursor);
    const copy = new TestSet();
    const lines = [...first.lines, ...rest.lines, ...last.lines];
    expect(await importAll(`${copy.path}/import`, lines)).toMatchObject({ identical: true });
    expect(await proofOf(copy)).toEqual(await proofOf(set));
  });

  it("[X2] begins anew after an erasure", async () => {
    const set = await manyEntries();
    const { cursor } = await exportPage(`${set.path}/export`);
    await set.erase();
    await set.write(add("a", 1));
    await expectProblem(
      request("GET", `${set.path}/export?cursor=${encodeURIComponent(cursor!)}`),
      "offset_gone",
      "since",
    );
  });

  it("[S11] of a set that was never written is refused, and creates nothing", async () => {
    const set = new TestSet();
    await expectProblem(request("GET", `${set.path}/export`), "not_found");
    expect(await set.tables()).toEqual([]);
  });
});

describe("a set's import", () => {
  it("[X3] keeps options, what was purged, and the server's stamps", async () => {
    const set = new TestSet();
    const options = { bias: "remove", max_skew_ms: 9, tombstone_retention_ms: 3_600_000 };
    await set.create(options);
    await set.write(add("a", 1), remove("old", 7), add("stamped"));
    expect(await set.purge()).toBe(true);
    const { lines } = await exportAll(`${set.path}/export`);
    expect(lines[0]).toContain('"purged_ms":7');
    const copy = new TestSet();
    expect(await importAll(`${copy.path}/import`, lines)).toMatchObject({ identical: true });
    expect(await copy.create(options, 200)).toEqual(options);
    for (const one of [set, copy]) {
      const { verdicts } = await one.write(add("late", 7), add("b", 8), remove("b", 8));
      expect(verdicts).toEqual(["expired", "applied", "applied"]);
    }
    expect(await proofOf(copy)).toEqual(await proofOf(set));
  });

  it("[X3] starts a new epoch", async () => {
    const set = new TestSet();
    const { offset } = await set.write(add("a", 1));
    const copy = new TestSet();
    await importAll(`${copy.path}/import`, (await exportAll(`${set.path}/export`)).lines);
    await expectProblem(request("GET", `${copy.path}/changes?since=${offset}`), "offset_gone", "since");
  });

  it("[X4] into what holds data is refused, and changes nothing", async () => {
    const [set, other] = [new TestSet(), new TestSet()];
    await set.write(add("a", 1));
    await other.write(add("b", 1));
    const before = await other.read();
    const { lines } = await exportAll(`${set.path}/export`);
    await expectProblem(importPart(`${other.path}/import`, lines), "conflict");
    await expectProblem(importPart(`${set.path}/import`, lines), "conflict");
    expect(await other.read()).toEqual(before);
    expect((await other.tables()).filter((name) => name.startsWith("import"))).toEqual([]);
  });

  it("[X5] goes on where it was cut, also after the object was evicted, and leaves no hole", async () => {
    const set = new TestSet();
    await set.write(...Array.from({ length: 10 }, (_, index) => add(`e${index}`, index)));
    const { header, records, end } = split((await exportAll(`${set.path}/export`)).lines);
    const copy = new TestSet();
    const path = `${copy.path}/import`;
    expect(await answer(importPart(path, [header, ...records.slice(0, 4)]))).toEqual({ taken: 4, identical: null });
    await copy.evict();
    expect(await answer(importPart(path, [header]))).toEqual({ taken: 4, identical: null });
    await expectProblem(importPart(path, [header, ...records.slice(5)], 5), "conflict", "from");
    await expectProblem(importPart(path, [header, end], 4), "conflict");
    expect(await answer(importPart(path, [header, ...records.slice(2, 8)], 2))).toEqual({ taken: 8, identical: null });
    expect(await answer(importPart(path, [header, ...records.slice(7), end], 7))).toEqual({
      taken: 10,
      identical: true,
    });
    expect(await answer(importPart(path, [header, ...records, end]))).toEqual({ taken: 10, identical: true });
  });

  it("[X6] says so when what is there is not what was exported", async () => {
    const set = new TestSet();
    await set.write(add("a", 1), add("b", 2));
    const { header, records, end } = split((await exportAll(`${set.path}/export`)).lines);
    const written = new TestSet();
    await importPart(`${written.path}/import`, [header, ...records]);
    await written.write(add("c", 3));
    expect(await answer(importPart(`${written.path}/import`, [header, end], 2))).toEqual({
      taken: 2,
      identical: false,
    });
    const altered = new TestSet();
    const lines = [header, records[0]!.replace('"a"', '"x"'), records[1]!, end];
    expect(await answer(importPart(`${altered.path}/import`, lines))).toEqual({ taken: 2, identical: false });
  });

  it("[X4] [R4] refuses lines that are not of a set's export, and changes nothing", async () => {
    const set = new TestSet();
    await set.write(add("a", 1), add("b", 2));
    const { header, records, end } = split((await exportAll(`${set.path}/export`)).lines);
    const copy = new TestSet();
    const send = (...lines: readonly string[]) => importPart(`${copy.path}/import`, lines);
    await expectProblem(send(...records), "invalid_request", "[0]");
    await expectProblem(send(header, header), "invalid_request", "[1]");
    await expectProblem(send(header, end, records[0]!), "invalid_request", "[2]");
    await expectProblem(
      send(header, records[0]!, '{"element":"","op":"add","timestamp":1}'),
      "invalid_request",
      "[2].element",
    );
    await expectProblem(send(header, '{"element":"x","op":"add"}'), "invalid_request", "[1].timestamp");
    await expectProblem(send(header.replace('"sets"', '"items"')), "invalid_request", "[0].feature");
    await expectProblem(send(header.replace('"version":1', '"version":2')), "invalid_request", "[0].version");
    await expectProblem(
      request("POST", `${copy.path}/import?from=-1`, { body: `[${header}]` }),
      "invalid_request",
      "from",
    );
    expect(await copy.tables()).toEqual([]);
  });

  it("[R3] takes 10,000 lines at once, and not one more", async () => {
    const set = await manyEntries();
    const { header, records } = split((await exportAll(`${set.path}/export`)).lines);
    const copy = new TestSet();
    await expectProblem(
      importPart(`${copy.path}/import`, [header, ...records.slice(0, 10_000)]),
      "payload_too_large",
      "body",
    );
    expect(await answer(importPart(`${copy.path}/import`, [header, ...records.slice(0, 9_999)]))).toMatchObject({
      taken: 9_999,
    });
  });

  it("[X5] erased, it can be begun again", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const { lines } = await exportAll(`${set.path}/export`);
    const copy = new TestSet();
    await importAll(`${copy.path}/import`, lines);
    await copy.erase();
    expect(await copy.tables()).toEqual([]);
    expect(await importAll(`${copy.path}/import`, lines)).toEqual({ taken: 1, identical: true });
  });
});
