import { describe, expect, it } from "vitest";
import { ELEMENT_SET_NAME } from "../../../src/protocol/element-set.ts";
import { answer, request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";

const api = "/api/element-set";
const set = new TestSet(ELEMENT_SET_NAME);

const addValue = (value: unknown, timestamp: unknown) => request("POST", `${api}/add`, { body: { value, timestamp } });
const removeValue = (value: unknown, timestamp: unknown) =>
  request("DELETE", `${api}/remove`, { body: { value, timestamp } });
const bulk = (...ops: readonly (readonly [operation: string, value: unknown, timestamp: unknown])[]) =>
  request("POST", `${api}/bulk-operations`, {
    body: ops.map(([operation, value, timestamp]) => ({ operation, data: JSON.stringify({ value, timestamp }) })),
  });
const contains = async (value: string) =>
  (await answer<{ contains: boolean }>(request("GET", `${api}/contains?value=${encodeURIComponent(value)}`))).contains;
const fetchAll = (offset?: number) =>
  answer<string[]>(request("GET", `${api}/fetch-all-data${offset === undefined ? "" : `?offset=${offset}`}`));

/** Expects the errors of this protocol: one key, one sentence. */
async function expectError(response: Promise<Response>, status = 400): Promise<string> {
  const refused = await response;
  const body = (await refused.json()) as { error: string };
  expect([refused.status, Object.keys(body)]).toEqual([status, ["error"]]);
  expect(refused.headers.get("Content-Type")).toBe("application/json");
  return body.error;
}

describe("the element-set protocol", () => {
  it("adds, removes and tells", async () => {
    await set.erase();
    expect(await contains("a")).toBe(false);
    expect(await set.tables()).toEqual([]);
    expect(await answer(addValue("a", 1))).toEqual({});
    expect(await contains("a")).toBe(true);
    expect(await answer(removeValue("a", 2))).toEqual({});
    expect(await contains("a")).toBe(false);
    expect(await answer(addValue("a", 1))).toEqual({});
    expect(await contains("a")).toBe(false);
  });

  it("is served from the set named default, in seconds", async () => {
    await set.erase();
    await addValue("a", 1_700_000_000);
    expect((await set.changes()).changes).toEqual([{ element: "a", op: "add", timestamp: 1_700_000_000_000 }]);
    await set.write(add("b", 5_999));
    expect(await fetchAll()).toEqual(["add,a,1700000000\n", "add,b,5\n"]);
  });

  it.each([
    ["a string", "x, y\n", "x, y\n"],
    ["a number", 42, "42"],
    ["a fraction", 1.5, "1.5"],
    ["a boolean", false, "false"],
    ["null", null, "null"],
    ["Unicode", "שָׁ😀", "שָׁ😀"],
  ])("[R6] compares a value by its string form: %s", async (_, value, text) => {
    await set.erase();
    await addValue(value, 1);
    expect(await contains(text)).toBe(true);
    await removeValue(text, 2);
    expect(await contains(text)).toBe(false);
    expect(await fetchAll(0)).toEqual([`remove,${text},2\n`]);
  });

  it.each(["9007199254740993", "-12345678901234567890", "1.0", "1e21", "1E5", "-0", "1e400"])(
    "[R6] takes a number for what was written: %s",
    async (number) => {
      await set.erase();
      const one = `{"value":${number},"timestamp":1}`;
      await answer(request("POST", `${api}/add`, { body: one }));
      expect(await contains(number)).toBe(true);
      await answer(request("DELETE", `${api}/remove`, { body: one.replace(":1}", ":2}") }));
      expect(await fetchAll()).toEqual([`remove,${number},2\n`]);
      const third = one.replace(":1}", ":3}");
      await answer(request("POST", `${api}/bulk-operations`, { body: [{ operation: "add", data: third }] }));
      expect(await fetchAll()).toEqual([`add,${number},3\n`]);
    },
  );

  it("[R6] removes with anything but add in a batch, and takes an empty one", async () => {
    await set.erase();
    expect(await answer(bulk())).toEqual({});
    expect(await set.tables()).toEqual([]);
    expect(await answer(bulk(["add", 1, 1], ["add", "2", 1], ["remove", "1", 2], ["ADD", 2, 2]))).toEqual({});
    expect(await fetchAll()).toEqual(["remove,1,2\n", "remove,2,2\n"]);
  });

  it("takes a batch as lines of JSON too", async () => {
    await set.erase();
    const body = '{"operation":"add","data":"{\\"value\\":\\"a\\",\\"timestamp\\":1}"}\n';
    const headers = { "Content-Type": "application/x-ndjson" };
    expect(await answer(request("POST", `${api}/bulk-operations`, { body, headers }))).toEqual({});
    expect(await contains("a")).toBe(true);
  });

  it.each([
    ["no value", { timestamp: 1 }],
    ["no timestamp", { value: "a" }],
    ["neither", {}],
    ["an array", []],
    ["a text", "x"],
    ["an object as value", { value: {}, timestamp: 1 }],
    ["an array as value", { value: ["a"], timestamp: 1 }],
    ["an empty value", { value: "", timestamp: 1 }],
    ["a value with a lone surrogate", '{"value":"\\ud800","timestamp":1}'],
    ["a text as timestamp", { value: "a", timestamp: "1" }],
    ["a fractional timestamp", { value: "a", timestamp: 1.5 }],
    ["a negative timestamp", { value: "a", timestamp: -1 }],
    ["a timestamp past the last date", { value: "a", timestamp: 8.64e12 + 1 }],
    ["broken JSON", '{"value":'],
    ["nothing", ""],
  ])("answers 400 with an error: %s", async (_, body) => {
    await set.erase();
    await expectError(request("POST", `${api}/add`, { body }));
    await expectError(request("DELETE", `${api}/remove`, { body }));
    expect(await set.tables()).toEqual([]);
  });

  it.each([
    ["no array", {}, "body"],
    ["an entry without data", [{ operation: "add" }], "[0].data"],
    ["an entry without operation", [{ data: '{"value":1,"timestamp":1}' }], "[0].operation"],
    ["data that is no text", [{ operation: "add", data: { value: 1, timestamp: 1 } }], "[0].data"],
    ["data that is broken", [{ operation: "add", data: "{" }], "[0].data"],
    ["data without a timestamp", [{ operation: "add", data: '{"value":1}' }], "timestamp"],
  ])("names what is wrong in a batch, and applies nothing of it: %s", async (_, body, path) => {
    await set.erase();
    const good = { operation: "add", data: '{"value":"good","timestamp":1}' };
    const sent = Array.isArray(body) ? [...body, good] : body;
    expect(await expectError(request("POST", `${api}/bulk-operations`, { body: sent }))).toContain(path);
    expect(await set.tables()).toEqual([]);
  });

  it("answers 400 when a query lacks its value or is malformed", async () => {
    expect(await expectError(request("GET", `${api}/contains`))).toContain("value");
    expect(await expectError(request("GET", `${api}/contains?value=`))).toContain("value");
    expect(await expectError(request("GET", `${api}/contains?value=%FF`))).toContain("value");
    for (const offset of ["-1", "x", "1.5", ""]) {
      expect(await expectError(request("GET", `${api}/fetch-all-data?offset=${offset}`))).toContain("offset");
    }
  });

  it("answers too many and too much with its own errors", async () => {
    const operation = { operation: "add", data: '{"value":"a","timestamp":1}' };
    const body = Array.from({ length: 10_001 }, () => operation);
    await expectError(request("POST", `${api}/bulk-operations`, { body }), 413);
    await expectError(request("POST", `${api}/add`, { body: " ".repeat(4 * 1024 * 1024 + 1) }), 413);
    await expectError(request("POST", `${api}/add`, { body: "{}", headers: { "Content-Encoding": "gzip" } }), 415);
  });

  it("[S6] refuses what is too far in the future, and then nothing of the batch is applied", async () => {
    await set.erase();
    const tooFar = Math.floor(Date.now() / 1000) + 3_600;
    expect(await expectError(addValue("a", tooFar))).toContain("timestamp");
    expect(await expectError(bulk(["add", "b", 1], ["add", "c", tooFar], ["add", "d", 1]))).toContain("[1]");
    expect(await set.tables()).toEqual([]);
  });

  it("[S26] refuses what is older than what was purged, and then nothing of the batch is applied", async () => {
    await set.erase();
    await set.create({ tombstone_retention_ms: 0 });
    await set.write(remove("gone", 10_000));
    await set.purge();
    expect(await expectError(addValue("a", 10))).toContain("timestamp");
    expect(await expectError(bulk(["add", "b", 11], ["add", "c", 10]))).toContain("[1]");
    expect(await fetchAll()).toEqual([]);
    await set.erase();
  });

  it("gives all records without an offset, and one JSON array whatever the size", async () => {
    await set.erase();
    expect(await fetchAll()).toEqual([]);
    for (let batch = 0; batch < 3; batch++) {
      await set.write(
        ...Array.from({ length: batch === 2 ? 1 : 10_000 }, (_, index) => add(`${batch} ${index}`, 1_000)),
      );
    }
    const all = await fetchAll();
    expect(new Set(all).size).toBe(20_001);
    expect(await fetchAll(20_000)).toEqual(["add,2 0,1\n"]);
    expect(await fetchAll(10_001)).toHaveLength(10_000);
    expect(await fetchAll(20_001)).toEqual([]);
    expect(await fetchAll(20_002)).toHaveLength(20_001);
    await set.erase();
  });
});
