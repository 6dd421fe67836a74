/** One step of a backup at a time, with exports and a bucket that fail when the test wants it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refuse, refuseForNow, succeed } from "../../../src/protocol/problem.ts";
import type { Result } from "../../../src/protocol/problem.ts";
import type { ExportPage } from "../../../src/protocol/transfer.ts";
import { stepBackup, TRIES_MAX } from "../../../src/worker/backup/back-up.ts";
import type { BackupEnvironment } from "../../../src/worker/backup/back-up.ts";
import { InventoryStore } from "../../../src/worker/backup/inventory-store.ts";
import { DurableSql } from "../../../src/worker/sql/durable-sql.ts";
import { inObject } from "../support/hub-test.ts";

const RUN = "2026-11-21T03-17-00Z";

/** Pages by the cursor; `undefined` begins. */
type Pages = Readonly<Record<string, Result<ExportPage> | Error>>;

function page(line: string, cursor: string | null): Result<ExportPage> {
  return succeed({ lines: [line], cursor, done: 1 });
}

class BackupTest {
  readonly store: InventoryStore;
  readonly bucket = new Map<string, string>();
  pages: Pages = {};
  failing = false;

  constructor(storage: DurableObjectStorage, ...names: readonly string[]) {
    this.store = new InventoryStore(new DurableSql(storage));
    for (const name of names) this.store.list({ feature: "sets", name });
    this.store.keepRun({
      run: RUN,
      shard: 0,
      thing: undefined,
      isOpen: false,
      cursor: null,
      parts: 0,
      tries: 0,
      saved: 0,
      failed: 0,
    });
  }

  step(): Promise<string> {
    const environment: BackupEnvironment = {
      bucket: {
        put: (async (key: string, value: string) => {
          if (this.failing) throw new Error("The bucket is away");
          this.bucket.set(key, value);
        }) as unknown as R2Bucket["put"],
        delete: async (keys) => {
          for (const key of [keys].flat()) this.bucket.delete(key);
        },
      },
      exportPage: async ({ name }, cursor) => {
        const found = this.pages[`${name}:${cursor ?? ""}`];
        if (found === undefined || found instanceof Error) throw found ?? new Error(`No page ${name}:${cursor}`);
        return found;
      },
    };
    return stepBackup(this.store, this.store.run()!, environment);
  }

  get texts(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.bucket].map(([key, value]) => [key.replace(`${RUN}/sets/`, ""), value]));
  }
}

function rule(title: string, ...names: readonly string[]) {
  return (body: (test: BackupTest) => Promise<void>) =>
    it(title, () => inObject(({ storage }) => body(new BackupTest(storage, ...names))));
}

// What goes wrong here is logged.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

describe("a step of a backup", () => {
  rule(
    "[X8] writes a page as a part, and goes on to the next thing",
    "a",
    "b",
  )(async (test) => {
    test.pages = { "a:": page("1", "x"), "a:x": page("2", null), "b:": page("3", null) };
    expect([await test.step(), await test.step(), await test.step(), await test.step()]).toEqual([
      "more",
      "more",
      "more",
      "done",
    ]);
    expect(test.texts).toEqual({ "a/00000000.ndjson": "1\n", "a/00000001.ndjson": "2\n", "b/00000000.ndjson": "3\n" });
    expect(test.store.run()).toMatchObject({ saved: 2, failed: 0 });
  });

  rule(
    "[X8] that is done again writes the same part again",
    "a",
  )(async (test) => {
    test.pages = { "a:": page("1", "x"), "a:x": page("2", null) };
    const before = test.store.run()!;
    await test.step();
    // The crash came before it was noted.
    test.store.keepRun(before);
    await test.step();
    await test.step();
    expect(test.texts).toEqual({ "a/00000000.ndjson": "1\n", "a/00000001.ndjson": "2\n" });
  });

  rule(
    "[X8] of a thing that was erased meanwhile begins it anew, and leaves nothing of before",
    "a",
  )(async (test) => {
    test.pages = { "a:": page("1", "x"), "a:x": page("2", "y"), "a:y": refuse("offset_gone", "Gone.") };
    expect([await test.step(), await test.step(), await test.step()]).toEqual(["more", "more", "again"]);
    expect(test.texts).toEqual({});
    test.pages = { "a:": page("new", null) };
    expect([await test.step(), await test.step()]).toEqual(["more", "done"]);
    expect(test.texts).toEqual({ "a/00000000.ndjson": "new\n" });
  });

  rule(
    "[X8] that can't be done is tried again, then the thing counts as failed",
    "a",
    "b",
  )(async (test) => {
    for (const fault of ["bucket", "refusal", "error"]) {
      test.store.keepRun({ ...test.store.run()!, thing: undefined, isOpen: false, saved: 0, failed: 0 });
      test.failing = fault === "bucket";
      const faulty = fault === "error" ? new Error("Broken") : refuseForNow("Busy.");
      test.pages = { "a:": fault === "bucket" ? page("1", null) : faulty, "b:": page("2", null) };
      for (let tries = 1; tries < TRIES_MAX; tries++) expect(await test.step(), fault).toBe("again");
      expect(await test.step()).toBe("more");
      test.failing = false;
      expect([await test.step(), await test.step()]).toEqual(["more", "done"]);
      expect(test.store.run()).toMatchObject({ saved: 1, failed: 1 });
    }
  });

  rule(
    "[X8] finds out what is not there any more, unless that told again",
    "a",
    "b",
  )(async (test) => {
    test.pages = { "a:": refuse("not_found", "Nothing."), "b:": refuse("not_found", "Nothing.") };
    await test.step();
    const [b] = [test.store.next({ feature: "sets", name: "a" })!];
    expect(test.store.next(undefined)).toEqual(b);
    test.store.list(b);
    test.store.remove(b);
    expect(test.store.next(undefined)).toMatchObject({ name: "b", told: 2 });
  });
});
