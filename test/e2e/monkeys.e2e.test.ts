/**
 * Three monkeys that write, two that work offline and two that only watch, on a server that is killed three times
 * meanwhile. In the end all of them must hold the server's state, and everything it acknowledged must be in it.
 *
 * `WEIR_MONKEYS_S` sets how long they run, in seconds.
 */
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { FileReplicaStorage } from "../../src/cli/file-replica-storage.ts";
import { WeirClient } from "../../src/client/index.ts";
import { limits } from "../../src/protocol/limits.ts";
import { startJudging } from "../support/judging-command.ts";
import { startServer, temporaryFolder } from "../support/server.ts";

const RUN_MS = Number(process.env["WEIR_MONKEYS_S"] ?? 12) * 1_000;
const SETTLE_MS = 30_000;
const KILLS = 3;
const SET = "monkeys ☃";
/** Generous: what it bounds takes a second. */
const DEADLINE = { timeout: 20_000, interval: 50 };

interface Outcome {
  readonly ok: boolean;
  readonly ops: number;
  readonly acknowledged: number;
  readonly reconnects: number;
  readonly resyncs: number;
  readonly converged: number;
  readonly missing: readonly unknown[];
  readonly server: { readonly digest: string };
}

/** Monkeys in a process of their own, and what they say in the end. */
function spawnMonkeys(kind: string, url: string, words: readonly string[]) {
  const common = ["--url", url, "--set", SET, "--rate", "50", "--seed", "7", "--settle", `${SETTLE_MS}ms`];
  return startJudging<Outcome>(["monkey", kind, ...common, ...words]);
}

/** What stands between a monkey and the server, and changes a digit of the first digest on a socket. */
async function startLiar(serverUrl: string): Promise<string> {
  let hasLied = false;
  const change = (from: RegExp, to: string) => (chunk: Buffer) => {
    return Buffer.from(chunk.toString("latin1").replace(from, to), "latin1");
  };
  // What is compressed can't be changed in passing, so it is not offered.
  const offerNothing = change(/permessage-deflate/, "permessage-nothing");
  const lie = (chunk: Buffer) => {
    const text = chunk.toString("latin1");
    const digit = /"type":"changes".*"digest":"(.)/.exec(text)?.[1];
    if (digit === undefined || hasLied) return chunk;
    hasLied = true;
    return change(/"digest":"./, `"digest":"${digit === "0" ? "1" : "0"}`)(chunk);
  };
  const liar = createServer((client) => {
    const upstream = connect(Number(new URL(serverUrl).port), "127.0.0.1");
    client.on("error", () => upstream.destroy()).on("data", (chunk) => upstream.write(offerNothing(chunk)));
    upstream.on("error", () => client.destroy()).on("data", (chunk) => client.write(lie(chunk)));
    client.on("end", () => upstream.end());
    upstream.on("end", () => client.end());
  });
  await new Promise<void>((resolve) => liar.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void liar.close());
  return `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
}

test(
  "[S3] [S16] monkeys converge through three kills of the server, and nothing acknowledged is missing",
  { timeout: RUN_MS + SETTLE_MS + 60_000 },
  async () => {
    const server = await startServer();
    const troops = { normal: 3, offline: 2, viewer: 2 };
    const words = ["--duration", `${RUN_MS}ms`, "--elements", "300", "--json"];
    const running = Object.entries(troops).map(
      ([kind, replicas]) => spawnMonkeys(kind, server.url, [...words, "--replicas", `${replicas}`]).ended,
    );
    const ended = Promise.all(running);

    for (let kill = 0; kill < KILLS; kill++) {
      await Promise.race([sleep(RUN_MS / (KILLS + 1)), ended]);
      await server.kill("SIGKILL");
      await server.restart();
    }

    const outcomes = await ended;
    for (const outcome of outcomes) console.log(outcome.summary);
    const { digest } = await new WeirClient({ url: server.url }).set(SET).elements({ limit: 1 });
    const [normal, offline, viewer] = outcomes;
    for (const [index, replicas] of Object.values(troops).entries()) {
      expect(outcomes[index]).toMatchObject({ code: 0, ok: true, converged: replicas, missing: [], resyncs: 0 });
      expect(outcomes[index]?.server.digest).toBe(digest);
    }
    expect(normal!.acknowledged).toBeGreaterThan(0);
    expect(offline!.acknowledged).toBeGreaterThan(0);
    // Each of those that stay connected has seen the kills, but perhaps the first, if its process was slow to start.
    expect(normal!.reconnects).toBeGreaterThanOrEqual((KILLS - 1) * troops.normal);
    expect(viewer!.reconnects).toBeGreaterThanOrEqual((KILLS - 1) * troops.viewer);
    expect(digest).not.toBe("0000000000000000");
  },
);

test("a monkey that was given a wrong digest once has failed, though it converged", async () => {
  const server = await startServer();
  await new WeirClient({ url: server.url }).set(SET).add("milk");
  const url = await startLiar(server.url);
  const outcome = await spawnMonkeys("viewer", url, ["--duration", "2s", "--json"]).ended;
  expect(outcome).toMatchObject({ code: 1, ok: false, converged: 1, missing: [], resyncs: 1 });
});

test("a monkey that is told to stop says how it went", async () => {
  const server = await startServer();
  const child = spawnMonkeys("normal", server.url, ["--duration", "10m", "--json"]);
  await expect
    .poll(() => new WeirClient({ url: server.url }).set(SET).elements(), DEADLINE)
    .not.toMatchObject({ size: 0 });
  child.process.kill("SIGINT");
  expect(await child.ended).toMatchObject({ code: 0, ok: true });
});

test("what waited when a monkey was killed arrives with the next one", async () => {
  const server = await startServer();
  const queue = temporaryFolder();
  const set = new WeirClient({ url: server.url }).set(SET);
  const path = join(queue, "offline-0.queue");
  await server.kill("SIGKILL");
  const victim = spawnMonkeys("offline", server.url, ["--queue", queue, "--elements", "50"]);
  await expect
    .poll(() => existsSync(path) && readFileSync(path, "utf8").split("\n").length, DEADLINE)
    .toBeGreaterThan(20);
  victim.process.kill("SIGKILL");

  const waiting = new FileReplicaStorage(path).load();
  expect(waiting.length).toBeGreaterThan(5);
  await server.restart();
  const heir = spawnMonkeys("offline", server.url, ["--queue", queue, "--count", "1", "--elements", "50", "--json"]);
  expect(await heir.ended).toMatchObject({ code: 0, ok: true });
  const { changes } = await set.changes({ limit: limits.pageRowsMax });
  for (const { element, timestamp } of waiting) {
    expect(changes.find((change) => change.element === element)?.timestamp).toBeGreaterThanOrEqual(timestamp);
  }
});
