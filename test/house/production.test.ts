/** What `npm run deploy` would send: all that the local server has, closed, limited and watched. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { unstable_readConfig } from "wrangler";

interface ObjectBinding {
  readonly name: string;
  readonly class_name: string;
}

const config = "wrangler.toml";
const local = unstable_readConfig({ config }, { hideWarnings: true });
const production = unstable_readConfig({ config, env: "production" }, { hideWarnings: true });

it("has every object and binding in production that there is locally, which nothing inherits", () => {
  const objects = local.durable_objects.bindings as readonly ObjectBinding[];
  expect(production.durable_objects.bindings).toEqual(objects);
  expect(production.exports).toEqual(local.exports);
  expect(Object.keys(local.exports ?? {}).toSorted()).toEqual(objects.map((each) => each.class_name).toSorted());
  expect(production.triggers).toEqual(local.triggers);
  expect(production.keep_names).toBe(local.keep_names);
});

it("lets nobody in without a token, limits everyone, and logs no address", () => {
  expect(production.name).toBe("weir-production");
  expect(production.vars).toMatchObject({ AUTH_MODE: "token" });
  expect(production.secrets).toEqual({ required: ["AUTH_SECRET"] });
  expect(production.ratelimits).toMatchObject([{ name: "ADDRESS_LIMITER" }, { name: "TOKEN_LIMITER" }]);
  expect(production.observability).toMatchObject({
    enabled: true,
    redact_query_string: true,
    logs: { enabled: true, invocation_logs: false },
    traces: { enabled: true },
  });
});

it("deploys by the script of that name, and as wrangler takes it", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  expect(scripts["deploy"]).toBe("wrangler deploy --env production");
  const outdir = mkdtempSync(join(tmpdir(), "weir-dry-run-"));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  const [, ...args] = scripts["deploy"]!.split(" ");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", NO_COLOR: "1" };
  const said = execFileSync("node_modules/.bin/wrangler", [...args, "--dry-run", "--outdir", outdir], {
    env,
    encoding: "utf8",
  });
  for (const { name } of local.durable_objects.bindings as readonly ObjectBinding[])
    expect(said).toContain(`env.${name} (`);
  expect(said).toContain('env.AUTH_MODE ("token")');
  expect(said).not.toMatch(/warning/i);
}, 60_000);

it("runs in its workflows only scripts that there are, with as few rights as they need", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  for (const name of ["check", "deploy"]) {
    const workflow = readFileSync(`.github/workflows/${name}.yml`, "utf8");
    const called = [...workflow.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!);
    expect(called.filter((script) => !(script in scripts))).toEqual([]);
    expect(workflow).toMatch(/^permissions:\n  contents: read$/m);
  }
  expect(readFileSync(".github/workflows/check.yml", "utf8")).toMatch(/run: \.ci\/run$/m);
});
