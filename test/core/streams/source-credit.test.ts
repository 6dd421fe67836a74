import fc from "fast-check";
import { expect, test } from "vitest";
import { SourceCredit } from "../../../src/core/streams/source-credit.ts";

const TAKEN = { duplicates: 0, deadLetters: 0 };

test("[T25] a source alone is given all the room, and counts what was taken", () => {
  const sources = new SourceCredit<string>();
  sources.open("a");
  expect(sources.grant("a", 10, 1)).toBe(true);
  expect(sources.credit("a")).toBe(10);
  sources.took("a", { lines: 4, duplicates: 1, deadLetters: 2 });
  expect(sources.figures("a")).toEqual({ lines: 4, duplicates: 1, deadLetters: 2, limit: 10 });
  expect(sources.grant("a", 6, 1)).toBe(false);
  expect(sources.grant("a", 10, 1)).toBe(true);
  expect(sources.credit("a")).toBe(10);
});

test("[T25] who comes later finds credit, though those before it say nothing", () => {
  const sources = new SourceCredit<string>();
  for (const name of ["a", "b", "c"]) {
    sources.open(name);
    sources.grant(name, 10, 3);
  }
  expect(["a", "b", "c"].map((name) => sources.credit(name))).toEqual([3, 3, 3]);
});

test("[T25] room for fewer lines than there are sources is given to some of them", () => {
  const sources = new SourceCredit<string>();
  for (const name of ["a", "b", "c"]) {
    sources.open(name);
    sources.grant(name, 2, 3);
  }
  expect(["a", "b", "c"].map((name) => sources.credit(name))).toEqual([1, 1, 0]);
  sources.took("a", { lines: 1, ...TAKEN });
  expect(sources.grant("c", 2, 3)).toBe(true);
});

test("[T25] credits together never exceed the room, whoever comes, sends and goes", () => {
  const name = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom("open", "close"), source: name, lines: fc.constant(0) }),
    fc.record({ kind: fc.constant("send"), source: name, lines: fc.nat({ max: 20 }) }),
    fc.record({ kind: fc.constant("drain"), source: name, lines: fc.nat({ max: 20 }) }),
  );
  const BUFFER = 20;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sources = new SourceCredit<string>();
      let buffered = 0;
      for (const { kind, source, lines } of steps) {
        if (kind === "open" && sources.figures(source) === undefined) sources.open(source);
        if (kind === "close") sources.close(source);
        if (kind === "drain") buffered = Math.max(0, buffered - lines);
        if (kind === "send") {
          const sent = Math.min(lines, sources.credit(source));
          sources.took(source, { lines: sent, ...TAKEN });
          buffered += sent;
        }
        sources.grant(source, BUFFER - buffered, 3);
        const credits = [...sources.keys()].map((each) => sources.credit(each));
        expect(credits.every((credit) => credit >= 0)).toBe(true);
        expect(buffered + credits.reduce((sum, credit) => sum + credit, 0)).toBeLessThanOrEqual(BUFFER);
      }
      // Nobody waits for ever: once there is room for all, each is given some.
      for (const each of sources.keys()) if (sources.credit(each) === 0) sources.grant(each, 10 * BUFFER, 3);
      for (const each of sources.keys()) expect(sources.credit(each)).toBeGreaterThan(0);
    }),
  );
});
