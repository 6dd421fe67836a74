/** What lies where, and how much of it: the parts of the house rules that a program can see. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const TOP_LEVEL = [
  "LICENSE",
  "README.md",
  "docs",
  "package-lock.json",
  "package.json",
  "src",
  "test",
  "tsconfig.json",
  "wrangler.toml",
];
const SOURCE_LINES_MAX = 350;

const hasGit = existsSync(".git");

/** Files that git tracks or would track. */
function listFiles(): readonly string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { encoding: "utf8" }).split("\n");
  return listed.filter((path) => existsSync(path));
}

const files = hasGit ? listFiles() : [];

it.skipIf(!hasGit)("keeps the top level clean", () => {
  const top = new Set(files.map((path) => path.split("/")[0]!));
  expect([...top].filter((name) => !name.startsWith(".") && !TOP_LEVEL.includes(name))).toEqual([]);
});

it.skipIf(!hasGit)("keeps source files short", () => {
  const long = files
    .filter((path) => path.startsWith("src/") && path.endsWith(".ts"))
    .filter((path) => readFileSync(path, "utf8").split("\n").length - 1 > SOURCE_LINES_MAX);
  expect(long).toEqual([]);
});

it.skipIf(!hasGit)("names files in kebab-case, and none after what it might be good for", () => {
  const code = files.filter((path) => /^(src|test)\/.*\.[a-z]+$/.test(path));
  expect(
    code.filter((path) => !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*[/.])+[a-z]+$/.test(path) && !path.endsWith("/SPEC.md")),
  ).toEqual([]);
  expect(code.filter((path) => /\b(?:utils?|helpers?|common|misc)\b/.test(path))).toEqual([]);
});

it("has no download addresses in the lock file", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toContain('"resolved"');
});
