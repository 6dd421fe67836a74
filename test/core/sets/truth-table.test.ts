/** Executes the truth table of ties in the specification, so that what is written there is what happens. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LwwSet } from "../../../src/core/sets/lww-set.ts";
import { MemorySetStore } from "../../../src/core/sets/memory-set-store.ts";
import type { Op } from "../../../src/core/sets/lww.ts";
import { sha256Hash64 } from "../../../src/protocol/hash64.ts";
import { epochs, LENIENT } from "./store-bench.ts";

const HEADINGS = ["new timestamp", "held", "new", "bias", "winner", "verdict"];
const HELD_AT = 3;
const NEW_AT: Readonly<Record<string, number>> = { "none held": 3, later: 4, equal: 3, earlier: 2 };

const spec = readFileSync(new URL("../../../src/core/SPEC.md", import.meta.url), "utf8");
const table = spec.split("\n").filter((line) => line.startsWith("|"));
const [headings, , ...rows] = table.map((line) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim()),
);

describe("the truth table of ties", () => {
  test("[S2] has a row for every case", () => {
    expect(headings).toEqual(HEADINGS);
    const cases = rows.map((row) => row.slice(0, 4).join(" "));
    expect(new Set(cases).size).toBe(rows.length);
    expect(rows.length).toBe(2 * 2 + 3 * 2 * 2 * 2);
    for (const [relation] of rows) expect(Object.keys(NEW_AT)).toContain(relation);
  });

  test.each(rows)(
    "[S1] [S2] %s, %s held, %s comes, bias %s: %s wins, %s",
    (relation, held, op, bias, winner, verdict) => {
      const set = new LwwSet(new MemorySetStore(), sha256Hash64);
      set.create({ ...LENIENT, bias: bias as Op }, "e");
      if (held !== "") set.apply([{ op: held as Op, element: "x", timestamp: HELD_AT }], 5, epochs());

      const timestamp = NEW_AT[relation]!;
      expect(set.apply([{ op: op as Op, element: "x", timestamp }], 5, epochs())).toEqual([verdict]);
      const expected = winner === "new" ? { op, timestamp } : { op: held, timestamp: HELD_AT };
      expect(set.entry("x")).toEqual({ element: "x", ...expected });
      expect(set.proof().size).toBe(expected.op === "add" ? 1 : 0);
    },
  );
});
