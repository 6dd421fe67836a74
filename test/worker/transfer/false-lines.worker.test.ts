import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { HOUR, newSite, postEvents, text } from "../analytics/analytics-requests.ts";
import { expectProblem } from "../support/problems.ts";
import { answer, request } from "../support/request.ts";
import { add, remove, TestSet } from "../support/test-set.ts";
import { TestStream } from "../support/test-stream.ts";
import { clicks, paths } from "./site-events.ts";
import { exportAll, importPart, split } from "./transfer-requests.ts";

/** The last millisecond of the year 9999. */
const CLOCK_MS_MAX = 253_402_300_799_999;

describe("an import of lines that no export has", () => {
  it.each([
    ["a line that waits and is no event", { held: { id: 1, seen_ms: 1, text: "99999999999999999999|B" } }],
    ["a follow graph that is none", { graph: "{" }],
    ["two records of the same lines", { log: { last: 2, events: 2, text: "1|B\n2|B" } }],
  ])("[X4] with %s is refused as a whole, and the stream goes on", async (_, record) => {
    const stream = new TestStream();
    await stream.offer("1|B\n2|B");
    const { header, records, end } = split((await exportAll(`${stream.path}/export`)).lines);
    const copy = new TestStream();
    const path = `${copy.path}/import`;
    const log = records.slice(0, -1);
    await expectProblem(
      importPart(path, [header, ...log, JSON.stringify(record), ...records.slice(-1)]),
      "invalid_request",
      "body",
    );
    await copy.evict();
    expect(await answer(importPart(path, [header]))).toMatchObject({ taken: 0 });
    expect(await answer(importPart(path, [header, ...records, end]))).toMatchObject({ identical: true });
    expect((await request("DELETE", copy.path)).status).toBe(204);
  });

  it("[X4] of a stream with something ahead of its head is refused: what comes next would have no place", async () => {
    const stream = new TestStream();
    await stream.configure({ event_timeout_ms: 0 });
    await stream.offer("1|B\n3|B\nx");
    const whole = (await exportAll(`${stream.path}/export`)).lines;
    const copy = new TestStream();
    const changed = (what: RegExp, by: string) => {
      const lines = whole.map((line) => line.replace(what, by));
      return importPart(
        `${copy.path}/import`,
        lines.filter((line) => !line.startsWith('{"weir":"cursor"')),
      );
    };
    await expectProblem(changed(/"last":3/, '"last":4'), "invalid_request", "body");
    await expectProblem(changed(/"gaps":\[2,2\]/, '"gaps":[2,4]'), "invalid_request", "body");
    await expectProblem(changed(/"id":1,/, '"id":2,'), "invalid_request", "body");
    await expectProblem(changed(/"oldest":0,"log"/, '"oldest":4,"log"'), "invalid_request", "body");
    await expectProblem(changed(/"start":0/, '"start":1'), "invalid_request", "body");
    await expectProblem(changed(/"checkpoint":\d/, '"checkpoint":4'), "invalid_request", "body");
    await expectProblem(changed(/"first_sequence":1/, '"first_sequence":5'), "invalid_request", "body");
    expect(await copy.tables()).toEqual([]);
    expect(await answer(changed(/$/, ""))).toMatchObject({ identical: true });
  });

  it("[X4] of a stream's totals past which counting is not exact is refused", async () => {
    const stream = new TestStream();
    await stream.offer("1|B\nx");
    const { header, records, end } = split((await exportAll(`${stream.path}/export`)).lines);
    const max = limits.streamTotalsMax;
    const copy = new TestStream();
    const counted = (count: number) => {
      const lines = [...records, end].map((line) => line.replace('"dead_letters":1', `"dead_letters":${count}`));
      return importPart(`${copy.path}/import`, [header, ...lines]);
    };
    await expectProblem(counted(max + 1), "invalid_request", "[3].head.totals.dead_letters");
    expect(await copy.tables()).toEqual([]);
    expect(await answer(counted(max))).toMatchObject({ identical: true });
    for (const total of [max + 1, max + 2]) {
      await copy.offer("y");
      expect((await copy.status()).totals.dead_letters).toBe(total);
    }
  });

  it("[X4] of a stream without its head, or with records after it, is refused, and the stream comes into being all the same", async () => {
    const stream = new TestStream();
    await stream.offer("1|B\n2|B");
    const { header, records, end } = split((await exportAll(`${stream.path}/export`)).lines);
    const headless = records.slice(0, -1);
    const endOf = (count: number) => end.replace(/"records":\d+/, `"records":${count}`);
    const copy = new TestStream();
    const path = `${copy.path}/import`;
    const whole = [header, ...headless, endOf(headless.length)];
    await expectProblem(importPart(path, whole), "invalid_request", "body");
    await expectProblem(
      importPart(path, [header, ...records, headless[0]!, endOf(records.length + 1)]),
      "invalid_request",
      "body",
    );
    expect(await copy.tables()).toEqual([]);
    // What came in an earlier request stays until it is erased, or its head comes.
    await answer(importPart(path, [header, ...headless]));
    const refused = await expectProblem(
      importPart(path, [header, endOf(headless.length)], headless.length),
      "invalid_request",
      "body",
    );
    expect(refused.detail).toContain("without a head");
    await copy.evict();
    await expectProblem(copy.offer("3|B"), "overloaded");
    expect(await answer(importPart(path, [header, ...records, end]))).toMatchObject({ identical: true });
    await expectProblem(importPart(path, [header, headless[0]!], records.length), "invalid_request", "body");
    await copy.evict();
    expect(await answer(copy.offer("3|B"))).toMatchObject({ cursor: 3 });
  });

  it("[X4] with the end of another export is refused", async () => {
    const [set, other] = [new TestSet(), new TestSet()];
    for (const one of [set, other]) await one.write(add("a", 1));
    const { header, records } = split((await exportAll(`${set.path}/export`)).lines);
    const { end } = split((await exportAll(`${other.path}/export`)).lines);
    const copy = new TestSet();
    await expectProblem(importPart(`${copy.path}/import`, [header, ...records, end]), "invalid_request", "[2]");
    expect(await copy.tables()).toEqual([]);
  });

  it("[X4] with stamps of a clock that is not of this age is refused: the next would be no timestamps", async () => {
    const set = new TestSet();
    await set.write(add("a", 1));
    const { header, records, end } = split((await exportAll(`${set.path}/export`)).lines);
    const stamped = (ms: number) => end.replace(/"last_stamp_ms":\d+/, `"last_stamp_ms":${ms}`);
    const purged = (ms: number) => header.replace(/"purged_ms":-1/, `"purged_ms":${ms}`);
    const copy = new TestSet();
    const take = (first: string, last: string) => importPart(`${copy.path}/import`, [first, ...records, last]);
    await expectProblem(take(header, stamped(CLOCK_MS_MAX + 1)), "invalid_request", "[2].state.last_stamp_ms");
    await expectProblem(take(purged(CLOCK_MS_MAX + 1), end), "invalid_request", "[0].purged_ms");
    expect(await copy.tables()).toEqual([]);
    await answer(take(purged(CLOCK_MS_MAX), stamped(CLOCK_MS_MAX)));
    const { verdicts } = await copy.write(add("b"), remove("b"));
    expect(verdicts).toEqual(["applied", "applied"]);
  });

  it("[X4] of totals past which counting is not exact, at once or in several parts, is refused", async () => {
    const [site, copy] = [newSite(), newSite()];
    await postEvents(clicks(site, HOUR, 2));
    const { header, records } = split((await exportAll(paths(site).out)).lines);
    const max = limits.shardEventsMax;
    const counted = (count: number, part: number) =>
      records[0]!.replace('"part":0', `"part":${part}`).replace('"clicks":2', `"clicks":${count}`);
    const importParts = (...parts: readonly string[]) => importPart(paths(copy).in, [header, ...parts]);
    await expectProblem(importParts(counted(max + 1, 0)), "invalid_request", "[1].totals.clicks");
    await expectProblem(importParts(counted(max, 0), counted(max, 1)), "invalid_request", "[2].part");
    expect(await text(`/analytics/allslices?site=${copy}`)).toBe("");
    await answer(importParts(counted(max, 0)));
    expect(await answer(importParts(counted(max, 0)))).toMatchObject({ taken: 1 });
    await expectProblem(importPart(paths(copy).in, [header, counted(1, 1)], 1), "invalid_request", "totals");
    await postEvents(["a", "b", "c"].map((user) => ({ timestamp: HOUR, user, event: "click", site: copy })));
    expect(await text(`/analytics?timestamp=${HOUR}&site=${copy}`)).toBe(
      `unique_users,5\nclicks,${max + 3}\nimpressions,0\n`,
    );
  });

  it("[X4] of a shard that is not sealed and has no salt is refused: it would count its users again", async () => {
    const site = "saltless";
    await request("POST", "/analytics/events", { body: clicks(site, 5, 2) });
    const { header, records } = split((await exportAll(paths(site).out)).lines);
    const saltless = records.map((line) => line.replace(/"salt":"[0-9a-f]{64}",/, ""));
    expect(saltless).not.toEqual(records);
    await expectProblem(importPart(paths("salted").in, [header, ...saltless]), "invalid_request", "[1].salt");
    const sealed = saltless.map((line) =>
      line.replace(/"users":"[^"]*","ids":"[^"]*",/, "").replace('"sealed_ms":null', '"sealed_ms":9'),
    );
    expect(await answer(importPart(paths("salted").in, [header, ...sealed]))).toMatchObject({ taken: 1 });
  });
});
