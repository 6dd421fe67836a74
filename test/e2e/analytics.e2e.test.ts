/**
 * Events of many users, some late, on slices of four shards, over connections that are cut, and the server killed in the
 * middle: every slice must be exact.
 *
 * `WEIR_LOAD_EVENTS` and `WEIR_LOAD_USERS` make it larger; 1000000 and 100000 take some minutes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { WeirClient } from "../../src/client/index.ts";
import { startJudging } from "../support/judging-command.ts";
import { startServer } from "../support/server.ts";

const EVENTS = Number(process.env["WEIR_LOAD_EVENTS"] ?? 30_000);
const USERS = Number(process.env["WEIR_LOAD_USERS"] ?? EVENTS / 10);
const SHARDS = 4;
const SEED = 5;
/** Requests there will be, at least. */
const BATCHES = 100;
const LOOK_MS = 20;
const TIMEOUT_MS = 60_000 + EVENTS;

interface Outcome {
  readonly cuts: number;
}

test("[A2] [A3] [A11] every slice is exact, through lost answers and a kill", { timeout: TIMEOUT_MS }, async () => {
  const server = await startServer();
  const size = ["--events", `${EVENTS}`, "--users", `${USERS}`, "--late", "0.05", "--shards", `${SHARDS}`];
  const network = ["--batch", `${Math.ceil(EVENTS / BATCHES)}`, "--cut", "0.1", "--seed", `${SEED}`];
  const load = startJudging<Outcome>(["load", "analytics", ...size, ...network, "--url", server.url, "--json"]);

  const { analytics } = new WeirClient({ url: server.url });
  const recorded = async () => {
    const { rules } = await analytics.routing();
    const from = rules.at(-1)?.from ?? 0;
    if (rules.length === 1) return 0;
    const { slices } = await analytics.range(from, from + 24 * 3_600_000, `load-${SEED}`);
    return slices.reduce((sum, { clicks, impressions }) => sum + clicks + impressions, 0);
  };
  while (!load.isOver() && (await recorded()) < EVENTS / 2) await sleep(LOOK_MS);
  expect(load.isOver(), "the load ended before the server was killed").toBe(false);
  await server.kill("SIGKILL");
  await server.restart();

  const outcome = await load.ended;
  console.log(outcome.summary);
  expect(outcome).toMatchObject({ code: 0, ok: true, wrong: [], acknowledged: EVENTS, slices: 24 });
  expect(outcome.cuts).toBeGreaterThan(0);
  expect(await recorded()).toBe(EVENTS);
  expect((await analytics.slice((await analytics.routing()).rules.at(-1)!.from, `load-${SEED}`)).shards).toBe(SHARDS);
});
