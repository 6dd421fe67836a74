import { expect, it } from "vitest";
import { workerdConfig } from "../../../src/cli/serve/workerd-config.ts";
import type { WorkerConfig } from "../../../src/cli/serve/workerd-config.ts";

const config: WorkerConfig = {
  name: "weir",
  compatibility_date: "2026-10-01",
  compatibility_flags: ["a_flag"],
  durable_objects: {
    bindings: [
      { name: "SETS", class_name: "SetObject" },
      { name: "SITES", class_name: "SiteObject" },
    ],
  },
  exports: {
    SetObject: { type: "durable-object", storage: "sqlite" },
    SiteObject: { type: "durable-object", storage: "sqlite" },
  },
};

it("has every object and binding of wrangler.toml, and settings by name only", () => {
  const text = workerdConfig(config, [{ name: "index.js", kind: "esModule" }], ["AUTH_SECRET"]);
  for (const part of [
    `(name = "index.js", esModule = embed "/index.js")`,
    `(className = "SetObject", uniqueKey = "weir-SetObject", enableSql = true)`,
    `(className = "SiteObject", uniqueKey = "weir-SiteObject", enableSql = true)`,
    `(name = "SETS", durableObjectNamespace = "SetObject")`,
    `(name = "SITES", durableObjectNamespace = "SiteObject")`,
    `(name = "AUTH_SECRET", fromEnvironment = "AUTH_SECRET")`,
    `"2026-10-01"`,
    `"a_flag"`,
  ]) {
    expect(text).toContain(part);
  }
});

it("keeps odd names inside their quotes", () => {
  const text = workerdConfig({ ...config, name: 'a"\\\né' }, [], []);
  expect(text).toContain(`uniqueKey = "a\\x22\\x5c\\x0a\\xc3\\xa9-SetObject"`);
});
