import { describe, expect, it } from "vitest";
import { answer, request } from "../support/request.ts";
import { digestOf } from "../support/replica.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

describe("operations", () => {
  it("[S4] answer with the proof and one verdict for each, in order", async () => {
    const set = new TestSet();
    const ops = [add("a", 2), add("a", 1), add("b", 8.64e15), remove("c", 3), add("a", 2)];
    const written = await set.write(...ops);
    expect(written).toEqual({
      offset: expect.stringMatching(/^[0-9a-z]{1,32}:2$/),
      size: 1,
      digest: await digestOf([add("a", 2) as never, remove("c", 3) as never]),
      verdicts: ["applied", "superseded", "future", "applied", "superseded"],
    });
  });

  it("[S6] are future from max_skew_ms beyond the server's clock on", async () => {
    const set = new TestSet();
    await set.create({ max_skew_ms: 60_000 });
    const now = Date.now();
    expect((await set.write(add("a", now + 59_000), add("b", now + 3_600_000))).verdicts).toEqual([
      "applied",
      "future",
    ]);
  });

  it("can be single, by path, with or without a timestamp", async () => {
    const set = new TestSet();
    const element = `${set.path}/elements/${encodeURIComponent("a/b c%?#")}`;
    expect(await answer(request("PUT", `${element}?timestamp=5`))).toMatchObject({ size: 1, verdicts: ["applied"] });
    expect(await answer(request("GET", element))).toEqual({ present: true, timestamp: 5 });
    expect(await answer(request("DELETE", `${element}?timestamp=5`))).toMatchObject({ verdicts: ["superseded"] });
    expect(await answer(request("DELETE", element))).toMatchObject({ size: 0, verdicts: ["applied"] });

    const { present, timestamp } = await answer<{ present: boolean; timestamp: number }>(request("GET", element));
    expect(present).toBe(false);
    expect(Math.abs(timestamp - Date.now())).toBeLessThan(60_000);
    expect(await set.read()).toMatchObject({ elements: [] });
    expect((await set.changes()).changes).toEqual([{ element: "a/b c%?#", op: "remove", timestamp }]);
  });

  it("[S7] without a timestamp are stamped strictly increasing, however many come at once", async () => {
    const set = new TestSet();
    await set.write(...Array.from({ length: 100 }, (_, index) => add(`batch ${index}`)));
    await Promise.all(Array.from({ length: 50 }, (_, index) => request("PUT", `${set.path}/elements/${index}`)));
    const { changes } = await set.changes();
    const stamps = changes.map((change) => change.timestamp);
    expect(changes).toHaveLength(150);
    expect(stamps).toEqual([...new Set(stamps)].toSorted((a, b) => a - b));
  });

  it("[S4] that come one by one at the same time each get a verdict of their own", async () => {
    const set = new TestSet();
    const timestamps = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? index + 1 : 8.64e15));
    const answers = await Promise.all(
      timestamps.map((timestamp) =>
        answer<{ verdicts: string[] }>(request("PUT", `${set.path}/elements/${timestamp}-a?timestamp=${timestamp}`)),
      ),
    );
    expect(answers.map(({ verdicts }) => verdicts)).toEqual(
      timestamps.map((timestamp) => [timestamp === 8.64e15 ? "future" : "applied"]),
    );
    expect(await set.read()).toMatchObject({ size: 20 });
  });

  it("[S3] may be repeated, whole or in part", async () => {
    const set = new TestSet();
    const first = await set.write(add("a", 1), remove("b", 2));
    const again = await set.write(remove("b", 2), add("a", 1), add("a", 1));
    expect(again).toEqual({ ...first, verdicts: ["superseded", "superseded", "superseded"] });
  });

  it.each([
    ["1,024 bytes", "x".repeat(1_024)],
    ["1,024 bytes of four each", "😀".repeat(256)],
    ["composed and decomposed", "é|é"],
    ["right to left, with marks", "שָׁלוֹם \u202e"],
    ["control characters", "\t\n\u0001\u001f\u007f"],
    ["a byte order mark", "\ufeffa"],
    ["noncharacters", "\uffff\u{10ffff}"],
    ["what JSON and SQL would quote", `'"\\;--\u2028`],
    ["what looks like a number", "1e3"],
    ["what looks like a prototype", "__proto__"],
  ])("[S29] keep an element byte for byte: %s", async (_, element) => {
    const set = new TestSet();
    await set.write(add(element, 1));
    expect((await set.read()).elements).toEqual([element]);
    expect((await set.changes()).changes).toEqual([{ element, op: "add", timestamp: 1 }]);
    expect(await answer(request("GET", `${set.path}/elements/${encodeURIComponent(element)}`))).toEqual({
      present: true,
      timestamp: 1,
    });
  });

  it("[C5] tell sets and elements apart that only look the same", async () => {
    const [composed, decomposed] = [new TestSet("caf\u00e9"), new TestSet("cafe\u0301")];
    await composed.write(add("\u00e9", 1));
    await composed.write(add("e\u0301", 1));
    expect(await composed.read()).toMatchObject({ size: 2 });
    expect(await decomposed.read()).toMatchObject({ size: 0 });
  });

  it("[S29] keep the greatest timestamp there is", async () => {
    const set = new TestSet();
    await set.create({ max_skew_ms: 8.64e15 });
    expect((await set.write(add("a", 8.64e15), add("b", 0))).verdicts).toEqual(["applied", "applied"]);
    expect((await set.changes()).changes.map((change) => change.timestamp)).toEqual([8.64e15, 0]);
  });
});
