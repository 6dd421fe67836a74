import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readPlace, readSettings } from "../../../src/cli/serve/settings.ts";

function project(devVars: string): string {
  const path = mkdtempSync(join(tmpdir(), "weir-settings-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, "wrangler.toml"), `name = "x"\n[vars]\nAUTH_MODE = "toml"\nONLY_TOML = "1"\n`);
  writeFileSync(join(path, ".dev.vars"), devVars);
  return join(path, "wrangler.toml");
}

it("prefers the environment, then .dev.vars, then wrangler.toml", () => {
  const configPath = project(`AUTH_MODE="vars"\nONLY_VARS=2\n`);
  expect(readSettings(configPath, {})).toEqual({ AUTH_MODE: "vars", ONLY_TOML: "1", ONLY_VARS: "2" });
  expect(readSettings(configPath, { AUTH_MODE: "env", ONLY_VARS: "3", AUTH_SECRET: "s", HOME: "/" })).toEqual({
    AUTH_MODE: "env",
    ONLY_TOML: "1",
    ONLY_VARS: "3",
    AUTH_SECRET: "s",
  });
  expect(readSettings(project(""), {})).toEqual({ AUTH_MODE: "toml", ONLY_TOML: "1" });
});

it("has a place for a server that was told none", () => {
  expect(readPlace("/root", {})).toEqual({ host: "127.0.0.1", port: 8787, dataDir: "/root/.weir" });
  expect(readPlace("/root", { PORT: "65535", HOST: "0.0.0.0", WEIR_DATA: "/data" })).toEqual({
    host: "0.0.0.0",
    port: 65_535,
    dataDir: "/data",
  });
});
