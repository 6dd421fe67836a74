/** Which part of an import is taken, for any cutting, repetition and order of its parts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admitImport } from "../../../src/core/transfer/admit-import.ts";
import type { ImportProgress } from "../../../src/core/transfer/admit-import.ts";

const RECORDS = "abcdefgh".split("");

/** What a thing does with the parts of one import. */
class Imported {
  progress: ImportProgress | undefined;
  readonly records: string[] = [];

  offer(from: number, count: number): boolean {
    const part = RECORDS.slice(from, from + count);
    const admission = admitImport(this.progress, this.records.length > 0, "one", from, part.length);
    if (admission.kind !== "take") return false;
    this.records.push(...part.slice(admission.skip));
    const taken = Math.max(this.progress?.taken ?? 0, from + part.length);
    this.progress = { exportId: "one", taken };
    return true;
  }
}

describe("admitting an import", () => {
  test("[X5] takes each record once and in order, whatever parts come, however often", () => {
    const part = fc.record({ from: fc.nat({ max: RECORDS.length }), count: fc.nat({ max: 4 }) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const imported = new Imported();
        for (const { from, count } of parts) {
          const before = imported.records.length;
          const isTaken = imported.offer(from, count);
          expect(isTaken).toBe(from <= before);
          expect(imported.records).toEqual(RECORDS.slice(0, imported.records.length));
          expect(imported.progress?.taken ?? 0).toBe(imported.records.length);
          if (isTaken) expect(imported.records.length).toBe(Math.max(before, Math.min(from + count, RECORDS.length)));
        }
      }),
    );
  });

  test("[X4] refuses what holds data of its own, and what another import made", () => {
    expect(admitImport(undefined, true, "one", 0, 0)).toEqual({ kind: "occupied" });
    expect(admitImport({ exportId: "other", taken: 1 }, true, "one", 0, 3)).toEqual({ kind: "occupied" });
    expect(admitImport({ exportId: "other", taken: 1 }, false, "one", 0, 3)).toEqual({ kind: "occupied" });
    expect(admitImport({ exportId: "other", taken: 0 }, true, "one", 0, 3)).toEqual({ kind: "occupied" });
    expect(admitImport(undefined, false, "one", 0, 3)).toEqual({ kind: "take", skip: 0, begins: true });
    expect(admitImport({ exportId: "one", taken: 2 }, true, "one", 0, 3)).toEqual({
      kind: "take",
      skip: 2,
      begins: false,
    });
  });

  test("[X4] an import that was begun and brought nothing keeps no other out", () => {
    const admission = admitImport({ exportId: "other", taken: 0 }, false, "one", 0, 3);
    expect(admission).toEqual({ kind: "take", skip: 0, begins: true });
  });

  test("[X5] refuses a part that leaves a hole, and says where to go on", () => {
    expect(admitImport(undefined, false, "one", 1, 3)).toEqual({ kind: "ahead", taken: 0 });
    expect(admitImport({ exportId: "one", taken: 2 }, true, "one", 3, 3)).toEqual({ kind: "ahead", taken: 2 });
    expect(admitImport({ exportId: "one", taken: 2 }, true, "one", 2, 3)).toMatchObject({ kind: "take", skip: 0 });
  });
});
