/**
 * The Worker as wrangler would deploy it, in a folder, and the modules found there. Wrangler's own build is used, so
 * what is served here is byte for byte what `npm run deploy` sends.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { Refusal } from "./refusal.ts";
import type { ModuleKind, WorkerModule } from "./workerd-config.ts";

const KINDS: Readonly<Record<string, ModuleKind>> = {
  ".js": "esModule",
  ".mjs": "esModule",
  ".txt": "text",
  ".html": "text",
  ".wasm": "wasm",
  ".bin": "data",
};

/** Builds the Worker of `<root>/wrangler.toml` into `outDir`, which is emptied first. */
export async function bundleWorker(root: string, outDir: string, signal?: AbortSignal): Promise<void> {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin", "wrangler.js");
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const child = spawn(process.execPath, [wrangler, "deploy", "--env=", "--dry-run", "--outdir", outDir], {
    cwd: root,
    ...(signal === undefined ? {} : { signal }),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done, failed) => child.on("close", done).on("error", failed));
  if (code !== 0) throw new Refusal(`The Worker does not build:\n${output.trim()}`);
}

/** The modules of a built Worker, its entry first, as the runtime demands. */
export function bundledModules(bundleDir: string): readonly WorkerModule[] {
  const modules: WorkerModule[] = [];
  for (const name of readdirSync(bundleDir)) {
    const kind = KINDS[extname(name)];
    if (kind !== undefined) modules.push({ name, kind });
  }
  return modules.toSorted((a, b) => Number(b.kind === "esModule") - Number(a.kind === "esModule"));
}
