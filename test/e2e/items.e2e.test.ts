/**
 * Each item reported three times, 30 % of the answers cut, the server killed twice meanwhile: the counts must be those of
 * the distinct items. The same on a control that claims an id before it counts it must not be, or the test shows nothing.
 *
 * `WEIR_LOAD_ITEMS` and `WEIR_LOAD_TENANTS` make it larger; 1000000 and 50 take some minutes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { WeirClient } from "../../src/client/index.ts";
import { startJudging } from "../support/judging-command.ts";
import type { Judged } from "../support/judging-command.ts";
import { startServer, temporaryFolder } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";

const ITEMS = Number(process.env["WEIR_LOAD_ITEMS"] ?? 20_000);
/** A fraction of them is enough to be found wrong. */
const CONTROL_ITEMS = Math.ceil(ITEMS / 5);
const TENANTS = Number(process.env["WEIR_LOAD_TENANTS"] ?? 20);
const REPEAT = 3;
const CUT = 0.3;
/** In which the items would be reported once. */
const BATCHES = 100;
const SEED = 4;
/** In the load's progress, as shares of all items. */
const KILLS_AT = [0.3, 0.6];
const LOOK_MS = 20;
const TIMEOUT_MS = 60_000 + ITEMS;

interface Outcome {
  readonly ok: boolean;
  readonly acknowledged: number;
  readonly counted: number;
  readonly requests: number;
  readonly cuts: number;
  readonly wrong: readonly { readonly tenant: string; readonly count: number; readonly expected: number }[];
}

/** Reports all items, in a process of its own, to a server that dies when it has counted some of them. */
async function loadThroughKills(server: TestServer, itemsCount: number): Promise<Judged<Outcome>> {
  const sizes = ["--items", `${itemsCount}`, "--tenants", `${TENANTS}`, "--repeat", `${REPEAT}`, "--cut", `${CUT}`];
  const batch = ["--batch", `${Math.ceil(itemsCount / BATCHES)}`, "--seed", `${SEED}`, "--url", server.url, "--json"];
  const load = startJudging<Outcome>(["load", "items", ...sizes, ...batch]);

  const { items } = new WeirClient({ url: server.url });
  for (const share of KILLS_AT) {
    const isDue = async () => (await items.count(`load-${SEED}-0`)) >= (share * itemsCount) / TENANTS;
    while (!load.isOver() && !(await isDue())) await sleep(LOOK_MS);
    expect(load.isOver(), "the load ended before the server was killed").toBe(false);
    await server.kill("SIGKILL");
    await server.restart();
  }

  const outcome = await load.ended;
  console.log(outcome.summary);
  return outcome;
}

/** The control's Worker, in a folder as the server takes it. */
async function bundleControl(): Promise<string> {
  const bundleDir = temporaryFolder();
  await build({
    entryPoints: ["test/e2e/control/claim-first-worker.ts"],
    outfile: `${bundleDir}/index.js`,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:workers"],
    loader: { ".txt": "text" },
  });
  return bundleDir;
}

test("[N1] [N10] [N14] every item counts once, through lost answers and kills", { timeout: TIMEOUT_MS }, async () => {
  const outcome = await loadThroughKills(await startServer(), ITEMS);
  expect(outcome).toMatchObject({ code: 0, ok: true, wrong: [], counted: ITEMS, acknowledged: ITEMS * REPEAT });
  expect(outcome.cuts / outcome.requests).toBeGreaterThan(CUT / 2);
});

test("the same load finds out a counter that claims before it counts", { timeout: TIMEOUT_MS }, async () => {
  const server = await startServer({ bundleDir: await bundleControl() });
  const outcome = await loadThroughKills(server, CONTROL_ITEMS);
  expect(outcome).toMatchObject({ code: 1, ok: false, acknowledged: CONTROL_ITEMS * REPEAT });
  expect(outcome.wrong.length).toBeGreaterThan(0);
  expect(outcome.wrong.every(({ count, expected }) => count < expected)).toBe(true);
});
