/** Every rule of the specification has a test that names it, and every rule a test names is in the specification. */
import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** A rule that was taken back is struck out: it stays written, and no test may cite it. */
const RULE = /^- \*\*\[([A-Z]+[0-9]+)\]\*\*/gm;
/** The ids that a string begins with, as a test's name does. */
const CITATION = /["'`]((?:\[[A-Z]+[0-9]+\]\s?)+)/g;

const rules = [...readFileSync("src/core/SPEC.md", "utf8").matchAll(RULE)].map((match) => match[1]!);

const cited = new Set(
  globSync("test/**/*.ts")
    .filter((path) => !path.startsWith("test/house/"))
    .flatMap((path) => [...readFileSync(path, "utf8").matchAll(CITATION)])
    .flatMap((match) => match[1]!.match(/[A-Z]+[0-9]+/g) ?? []),
);

it("numbers each rule once", () => {
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter((id, index) => rules.indexOf(id) !== index)).toEqual([]);
});

it("has a test for each rule", () => {
  expect(rules.filter((id) => !cited.has(id))).toEqual([]);
});

it("has a rule for each that a test cites", () => {
  expect([...cited].filter((id) => !rules.includes(id))).toEqual([]);
});
