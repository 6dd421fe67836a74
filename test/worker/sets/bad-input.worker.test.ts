import { describe, expect, it } from "vitest";
import { expectProblem } from "../support/problems.ts";
import { request } from "../support/request.ts";
import { add, TestSet } from "../support/test-set.ts";

const good = JSON.stringify(add("good", 1));

describe("bad input", () => {
  it.each([
    ["no op", '{"element":"a"}', "ops[1].op"],
    ["an unknown op", '{"op":"ADD","element":"a"}', "ops[1].op"],
    ["no element", '{"op":"add"}', "ops[1].element"],
    ["an empty element", '{"op":"add","element":""}', "ops[1].element"],
    ["a number as element", '{"op":"add","element":1}', "ops[1].element"],
    ["an element with NUL", String.raw`{"op":"add","element":"a\u0000b"}`, "ops[1].element"],
    ["a lone high surrogate", String.raw`{"op":"add","element":"a\ud800"}`, "ops[1].element"],
    ["a lone low surrogate", String.raw`{"op":"add","element":"\udc00a"}`, "ops[1].element"],
    ["an element of 1,025 bytes", JSON.stringify(add("x".repeat(1_025))), "ops[1].element"],
    ["an element of 1,025 bytes in fewer characters", JSON.stringify(add(`${"é".repeat(512)}x`)), "ops[1].element"],
    ["a negative timestamp", '{"op":"add","element":"a","timestamp":-1}', "ops[1].timestamp"],
    ["a fractional timestamp", '{"op":"add","element":"a","timestamp":1.5}', "ops[1].timestamp"],
    ["a timestamp past 8.64e15", '{"op":"add","element":"a","timestamp":8640000000000001}', "ops[1].timestamp"],
    ["a huge timestamp", '{"op":"add","element":"a","timestamp":1e400}', "ops[1].timestamp"],
    ["a string as timestamp", '{"op":"add","element":"a","timestamp":"1"}', "ops[1].timestamp"],
    ["null as timestamp", '{"op":"add","element":"a","timestamp":null}', "ops[1].timestamp"],
    ["null as operation", "null", "ops[1]"],
    ["an array as operation", "[]", "ops[1].op"],
    ["a string as operation", '"x"', "ops[1]"],
  ])("[R4] is refused naming field and index, with nothing applied: %s", async (_, entry, path) => {
    const set = new TestSet();
    const body = `{"ops":[${good},${entry},${good}]}`;
    const problem = await expectProblem(
      request("POST", `${set.path}/ops`, { body }),
      "invalid_request",
      ...(entry === "[]" ? [path, "ops[1].element"] : [path]),
    );
    expect(problem.detail).toContain(path);
    expect(await set.tables()).toEqual([]);
  });

  it("[R4] lists 20 faults and says how many there are", async () => {
    const body = { ops: Array.from({ length: 30 }, () => ({ op: "add", element: "" })) };
    const problem = await expectProblem(
      request("POST", `${new TestSet().path}/ops`, { body }),
      "invalid_request",
      ...Array.from({ length: 20 }, (_, index) => `ops[${index}].element`),
    );
    expect(problem.detail).toContain("29 more");
  });

  it.each([
    ["null", "null", "body"],
    ["an array", "[]", "body"],
    ["a string", '"x"', "body"],
    ["a number", "1", "body"],
    ["an object without ops", "{}", "ops"],
    ["ops that are no array", '{"ops":{"0":1}}', "ops"],
    ["broken JSON", '{"ops":[', "body"],
    ["nothing", "", "body"],
    ["white space", " \n", "body"],
  ])("[R4] is refused when the body is %s", async (_, body, path) => {
    const set = new TestSet();
    await expectProblem(request("POST", `${set.path}/ops`, { body }), "invalid_request", path);
    expect(await set.tables()).toEqual([]);
  });

  it.each([
    ["bias", { bias: "both" }],
    ["max_skew_ms", { max_skew_ms: -1 }],
    ["max_skew_ms", { max_skew_ms: 8.64e15 + 2 }],
    ["tombstone_retention_ms", { tombstone_retention_ms: "1" }],
    ["retention", { retention: 1 }],
    ["body", []],
    ["body", "null"],
  ])("[R4] is refused in a set's options: %s of %j", async (path, body) => {
    const set = new TestSet();
    await expectProblem(request("PUT", set.path, { body }), "invalid_request", path);
    expect(await set.tables()).toEqual([]);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=10001", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["wait=60001", "wait"],
    ["wait=-1", "wait"],
    ["since=", "since"],
    ["since=1", "since"],
    ["since=a:-1", "since"],
    ["since=A:1", "since"],
    ["since=a:9007199254740992", "since"],
  ])("[R4] is refused in a query: changes?%s", async (query, path) => {
    await expectProblem(request("GET", `/sets/a/changes?${query}`), "invalid_request", path);
  });

  it.each([
    ["timestamp=-1", "timestamp"],
    ["timestamp=1.5", "timestamp"],
    ["timestamp=1e3", "timestamp"],
    ["timestamp=0x10", "timestamp"],
    ["timestamp=8640000000000001", "timestamp"],
    ["timestamp=", "timestamp"],
  ])("[R2] is refused in a query: ?%s", async (query, path) => {
    const set = new TestSet();
    for (const method of ["PUT", "DELETE"]) {
      await expectProblem(request(method, `${set.path}/elements/a?${query}`), "invalid_request", path);
    }
    expect(await set.tables()).toEqual([]);
  });

  it.each([
    ["a byte that is not UTF-8", "%FF", "set"],
    ["a lone percent sign", "%", "set"],
    ["half a character", "%E2%82", "set"],
    ["an encoded surrogate", "%ED%A0%80", "set"],
    ["a control character", "a%0Ab", "set"],
    ["257 bytes", "x".repeat(257), "set"],
    ["257 bytes in fewer characters", `${"%C3%A9".repeat(128)}x`, "set"],
  ])("[R1] is refused as a set's name: %s", async (_, name, path) => {
    for (const [method, rest] of [
      ["PUT", ""],
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/changes"],
      ["PUT", "/elements/a"],
    ] as const) {
      await expectProblem(request(method, `/sets/${name}${rest}`), "invalid_request", path);
    }
  });

  it("[R1] takes a name of 256 bytes", async () => {
    expect((await new TestSet("é".repeat(128)).write(add("a", 1))).size).toBe(1);
  });

  it.each(["%FF", "%00", "x".repeat(1_025), "%ED%A0%80"])("[R1] is refused as an element: %s", async (element) => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      await expectProblem(request(method, `/sets/a/elements/${element}`), "invalid_request", "element");
    }
  });

  it.each(["%FF", "%E2%82", "%00"])("[R1] is refused as a cursor: %s", async (cursor) => {
    await expectProblem(request("GET", `/sets/a?cursor=${cursor}`), "invalid_request", "cursor");
  });
});
