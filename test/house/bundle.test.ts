/** The direction of imports, held where it counts: in what is shipped. */
import { globSync } from "node:fs";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

interface Contents {
  /** Source files, from the project's root; those of packages by the package's name. */
  readonly from: readonly string[];
  /** What the platform is left to provide. */
  readonly externals: readonly string[];
}

async function contentsOf(entryPoints: readonly string[]): Promise<Contents> {
  const { metafile } = await build({
    entryPoints: [...entryPoints],
    bundle: true,
    write: false,
    outdir: "dist",
    format: "esm",
    mainFields: ["module", "main"],
    conditions: ["import"],
    platform: "neutral",
    external: ["node:*", "cloudflare:*", "*.txt"],
    metafile: true,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const externals = imports.filter((each) => each.external === true).map((each) => each.path);
  return { from: origins(Object.keys(metafile.inputs)), externals: [...new Set(externals)].toSorted() };
}

function origins(paths: readonly string[]): readonly string[] {
  const names = paths.map((path) => {
    const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    return inPackage ?? path.split("/").slice(0, 2).join("/");
  });
  return [...new Set(names)].toSorted();
}

function expectOnly(found: readonly string[], allowed: readonly string[]): void {
  expect(found.filter((each) => !allowed.includes(each))).toEqual([]);
}

const PROTOCOL = ["src/core", "src/protocol", "valibot", "@valibot/to-json-schema", "@noble/hashes"];

describe("what a bundle is made of", () => {
  it("core: core, and nothing of any platform", async () => {
    const { from, externals } = await contentsOf(globSync("src/core/**/*.ts"));
    expect(from).toEqual(["src/core"]);
    expect(externals).toEqual([]);
  });

  it("worker: core, protocol, what routes and what checks tokens, and the page as text", async () => {
    const { from, externals } = await contentsOf(["src/worker/index.ts"]);
    expect(from).toContain("src/worker");
    expectOnly(from, [...PROTOCOL, "src/worker", "itty-router", "jose"]);
    expect(externals).toEqual([
      "../../dist/viewer/app.css.txt",
      "../../dist/viewer/app.js.txt",
      "../../dist/viewer/index.html.txt",
      "cloudflare:workers",
    ]);
  });

  it("client: core and protocol", async () => {
    const { from, externals } = await contentsOf(["src/client/index.ts"]);
    expectOnly(from, [...PROTOCOL, "src/client"]);
    expect(externals).toEqual([]);
  });

  it("page: client, core, protocol, and what draws the chart", async () => {
    const { from, externals } = await contentsOf(["src/viewer/index.ts"]);
    expectOnly(from, [...PROTOCOL, "src/client", "src/viewer", "uplot"]);
    expect(externals).toEqual([]);
  });
});
