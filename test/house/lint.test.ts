/** That lint holds the direction of imports: one violation planted in each world, in a folder that looks like the project. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const VIOLATIONS = {
  "src/core/sets/outward.ts": 'export { parse } from "../../protocol/parse.ts";',
  "src/core/sets/package.ts": 'export { parse } from "valibot";',
  "src/core/sets/clock.ts": "export const now = Date.now();",
  "src/protocol/outward.ts": 'export { handle } from "../worker/router.ts";',
  "src/protocol/node.ts": 'export { join } from "node:path";',
  "src/worker/sets/outward.ts": 'export { WeirClient } from "../../client/index.ts";',
  "src/worker/node.ts": 'export { join } from "node:path";',
  "src/client/outward.ts": 'export { handle } from "../worker/router.ts";',
  "src/client/node.ts": 'export { join } from "node:path";',
  "src/viewer/outward.ts": 'export { handle } from "../worker/router.ts";',
  "src/cli/outward.ts": 'export { handle } from "../worker/router.ts";',
};

const ALLOWED = {
  "src/core/sets/inward.ts": 'export { utf8Length } from "../text.ts";',
  "src/protocol/inward.ts": 'export { utf8Length } from "../core/text.ts";',
  "src/worker/sets/inward.ts": 'export { parse } from "../../protocol/parse.ts";',
  "src/client/inward.ts": 'export { parse } from "../protocol/parse.ts";',
  "src/cli/inward.ts": 'export { WeirClient } from "../client/index.ts";',
};

it("refuses an import against the direction in each world, and none along it", () => {
  const root = mkdtempSync(join(tmpdir(), "weir-lint-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  copyFileSync(".oxlintrc.json", join(root, ".oxlintrc.json"));
  for (const [path, text] of Object.entries({ ...VIOLATIONS, ...ALLOWED })) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  const { stdout } = spawnSync(resolve("node_modules/.bin/oxlint"), ["--format", "unix"], {
    cwd: root,
    encoding: "utf8",
  });
  const refused = stdout
    .split("\n")
    .filter((line) => /no-restricted-(imports|globals)/.test(line))
    .map((line) => line.slice(0, line.indexOf(":")));
  expect([...new Set(refused)].toSorted()).toEqual(Object.keys(VIOLATIONS).toSorted());
});
