/** The specification and the tests know each other: no rule without a test, and no test of a rule that isn't there. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const spec = readFileSync(`${root}/src/core/SPEC.md`, "utf8");
const rules = [...spec.matchAll(/^- \*\*\[([A-Z]\d+)\]\*\*/gm)].map((match) => match[1]);
const files = globSync("test/**/*.ts", { cwd: root });
/** The ids that titles begin with: `"[S1] [S2] ..."`. */
const cited = new Map<string, string>();
for (const file of files) {
  for (const [, ids = ""] of readFileSync(`${root}/${file}`, "utf8").matchAll(/"((?:\[[A-Z]\d+\] )+)/g)) {
    for (const [, id = ""] of ids.matchAll(/\[([A-Z]\d+)\]/g)) cited.set(id, file);
  }
}

describe("the specification", () => {
  test("has each number once", () => {
    expect(rules.length).toBeGreaterThan(0);
    expect(new Set(rules).size).toBe(rules.length);
  });

  test("has no rule without a test", () => {
    expect(rules.filter((rule) => rule === undefined || !cited.has(rule))).toEqual([]);
  });

  test("has every rule that a test names", () => {
    expect([...cited].filter(([rule]) => !rules.includes(rule))).toEqual([]);
  });
});
