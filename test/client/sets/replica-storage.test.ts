/** Every storage of a replica's queue keeps the same promises. */
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { FileReplicaStorage } from "../../../src/cli/file-replica-storage.ts";
import { MemoryReplicaStorage, WebReplicaStorage } from "../../../src/client/index.ts";
import type { Entry, ReplicaStorage } from "../../../src/client/index.ts";

const folder = mkdtempSync(join(tmpdir(), "weir-queue-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** As a browser's. */
class FakeWebStorage {
  readonly #items = new Map<string, string>();
  get length(): number {
    return this.#items.size;
  }
  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
}

/** A storage, and the same again after a restart. */
interface Bench {
  readonly storage: ReplicaStorage;
  readonly reopen: () => ReplicaStorage;
}

const benches: Readonly<Record<string, () => Bench>> = {
  memory: () => {
    const storage = new MemoryReplicaStorage();
    return { storage, reopen: () => storage };
  },
  web: () => {
    const items = new FakeWebStorage();
    const storage = new WebReplicaStorage("s:1", items);
    new WebReplicaStorage("s", items).put({ element: "1:other", op: "add", timestamp: 1 });
    items.setItem("weir:s%3A1:broken", "{");
    items.setItem("other", "null");
    return { storage, reopen: () => new WebReplicaStorage("s:1", items) };
  },
  file: () => {
    const path = join(folder, "deeper", `${(files += 1)}.queue`);
    return { storage: new FileReplicaStorage(path), reopen: () => new FileReplicaStorage(path) };
  },
};

const entry: fc.Arbitrary<Entry> = fc.record({
  element: fc.constantFrom("a", "b:c", "☃\n\u{1f412}", "..", "__proto__"),
  op: fc.constantFrom("add" as const, "remove" as const),
  timestamp: fc.integer({ min: 1, max: 3 }),
});
const step = fc.tuple(fc.constantFrom("put" as const, "remove" as const), fc.array(entry, { maxLength: 3 }));

function sorted(entries: readonly Entry[]): readonly string[] {
  return entries.map(({ element, op, timestamp }) => `${element} ${op} ${timestamp}`).toSorted();
}

describe.each(Object.keys(benches))("%s", (name) => {
  test("holds what was put and not removed, one for each element, also after a restart", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { storage, reopen } = benches[name]!();
        const expected = new Map<string, Entry>();
        for (const [act, entries] of steps) {
          if (act === "put") for (const one of entries) storage.put(one);
          else storage.remove(entries);
          for (const one of entries) {
            const held = expected.get(one.element);
            if (act === "put") expected.set(one.element, one);
            else if (held?.op === one.op && held.timestamp === one.timestamp) expected.delete(one.element);
          }
          expect(sorted(storage.load())).toEqual(sorted([...expected.values()]));
        }
        expect(sorted(reopen().load())).toEqual(sorted([...expected.values()]));
      }),
      { numRuns: 60 },
    );
  });
});

test("a file cut short in the middle of a line loses that line only", () => {
  const path = join(folder, "torn.queue");
  const storage = new FileReplicaStorage(path);
  storage.put({ element: "a", op: "add", timestamp: 1 });
  storage.put({ element: "b", op: "add", timestamp: 2 });
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, -5));
  const reopened = new FileReplicaStorage(path);
  expect(sorted(reopened.load())).toEqual(["a add 1"]);
  reopened.put({ element: "c", op: "remove", timestamp: 3 });
  appendFileSync(path, "nonsense\n");
  expect(sorted(new FileReplicaStorage(path).load())).toEqual(["a add 1", "c remove 3"]);
});

test("what a file has no room for is not said to be kept, and nothing else is lost by it", () => {
  const path = join(folder, "full.queue");
  const script = `
    import { FileReplicaStorage } from ${JSON.stringify(new URL("../../../src/cli/file-replica-storage.ts", import.meta.url))};
    const storage = new FileReplicaStorage(${JSON.stringify(path)});
    const kept = [];
    const keeps = (element) => {
      try {
        storage.put({ element, op: "add", timestamp: 1 });
        return kept.push(element);
      } catch {
        return 0;
      }
    };
    while (keeps(kept.length + "x".repeat(200)));
    keeps("x");
    console.log(JSON.stringify(kept));`;
  // A limit of the file's size, 1,024 bytes, stands for a full disk: the line that reaches it is cut short.
  const limited = ["-c", 'ulimit -f 1; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const kept = JSON.parse(execFileSync("bash", limited, { encoding: "utf8" })) as string[];
  expect(kept.length).toBeGreaterThan(2);
  expect(kept).toContain("x");
  expect(new FileReplicaStorage(path).load().map(({ element }) => element)).toEqual(kept);
});

test("a file doesn't grow with what is past", () => {
  const path = join(folder, "long.queue");
  const storage = new FileReplicaStorage(path);
  for (let timestamp = 1; timestamp <= 25_000; timestamp++) storage.put({ element: "a", op: "add", timestamp });
  expect(readFileSync(path, "utf8").split("\n").length).toBeLessThan(10_002);
  expect(sorted(new FileReplicaStorage(path).load())).toEqual(["a add 25000"]);
});
