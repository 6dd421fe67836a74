/**
 * What it costs to watch requests: processor time per request of Weir as it is, and of Weir in whose bundle nothing is counted,
 * logged or told, by turns. `node test/bench/operations/observation-cost.ts [rounds] [words of a case's name]`
 *
 * Processor time of the runtime, from /proc, because a load generator on the same two cores makes wall-clock time say little.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { build } from "esbuild";
import type { Plugin } from "esbuild";
import { startServer } from "../../../src/cli/serve/server.ts";
import type { Server } from "../../../src/cli/serve/server.ts";
import { readSettings } from "../../../src/cli/serve/settings.ts";
import { benchCases } from "../cases.ts";
import { median } from "../measure.ts";

const [, , roundsText = "9", filter = ""] = process.argv;
const rounds = Number(roundsText);
const CONNECTIONS = 64;
/** Short turns in an order of chance: what else happens on the machine then hits all contenders alike. */
const TURN_S = 1;

/** What stands in for the watching, so that the rest of the bundle is the same. */
const NOTHING: Readonly<Record<string, string>> = {
  "operations/observation.ts":
    'export class Observation { route; constructor() {} get id() { return ""; } end(response) { return response; } }',
  "operations/metrics.ts": ["Request", "Entries", "Commit", "TotalsReads", "Suppressed"]
    .map((what) => `export function count${what}() {}`)
    .concat('export function metricsText() { return ""; }')
    .join("\n"),
};

const unwatched: Plugin = {
  name: "unwatched",
  setup(bundler) {
    bundler.onLoad({ filter: /worker\/operations\/(?:observation|metrics)\.ts$/ }, ({ path }) => {
      const name = path.split("/").slice(-2).join("/");
      return { contents: NOTHING[name] ?? "", loader: "js" };
    });
  },
};

interface Contender {
  readonly name: string;
  readonly server: Server;
  readonly dataDir: string;
}

async function start(name: string, plugins: readonly Plugin[], env: Readonly<Record<string, string>>) {
  const dataDir = mkdtempSync(join(tmpdir(), "weir-cost-"));
  const [bundleDir, objectsDir] = [join(dataDir, "bundle"), join(dataDir, "objects")];
  mkdirSync(objectsDir);
  await build({
    entryPoints: ["src/worker/index.ts"],
    outdir: bundleDir,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    loader: { ".txt": "text" },
    mainFields: ["module", "main"],
    conditions: ["workerd"],
    plugins: [...plugins],
  });
  const configPath = "wrangler.toml";
  const settings = readSettings(configPath, { AUTH_MODE: "open", ...env });
  const place = { configPath, bundleDir, dataDir, objectsDir, host: "127.0.0.1", port: 0 };
  return { name, server: await startServer({ ...place, settings, loud: false }), dataDir };
}

/** What the kernel's scheduler has given to all threads so far; finer than the ticks of `stat`. */
function cpuUs({ server }: Contender): number {
  const threads = `/proc/${server.process.pid}/task`;
  const ns = readdirSync(threads).map((id) => Number(readFileSync(`${threads}/${id}/schedstat`, "utf8").split(" ")[0]));
  return ns.reduce((sum, each) => sum + each, 0) / 1_000;
}

const contenders = [
  await start("unwatched", [unwatched], {}),
  await start("as it is", [], {}),
  await start("LOG_SAMPLE=1", [], { LOG_SAMPLE: "1" }),
];
const [floor] = contenders;

for (const { name, request, connections } of benchCases) {
  if (connections !== CONNECTIONS || !name.includes(filter)) continue;
  const costs = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders.toSorted(() => Math.random() - 0.5)) {
      const beforeUs = cpuUs(contender);
      const setupRequest = (template: autocannon.Request) => Object.assign(template, request());
      const { url } = contender.server;
      const requests = [{ ...request(), setupRequest }];
      const result = await autocannon({ url, connections, duration: TURN_S, requests });
      if (result.non2xx + result.errors > 0) throw new Error(`${name}: ${result.non2xx + result.errors} failed`);
      // The first round warms up.
      if (round > 0) costs.get(contender)!.push((cpuUs(contender) - beforeUs) / result.requests.total);
    }
  }
  const base = costs.get(floor!)!;
  for (const [contender, each] of costs) {
    const ratio = median(each.map((cost, round) => cost / (base[round] ?? NaN)));
    console.log(`${name} | ${contender.name} | ${median(each).toFixed(1)} us | ${((ratio - 1) * 100).toFixed(1)} %`);
  }
}
for (const { server, dataDir } of contenders) {
  await server.process.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
