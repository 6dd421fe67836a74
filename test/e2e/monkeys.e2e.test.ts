/**
 * Three monkeys that write, two that work offline and two that only watch, on a server that is killed three times
 * meanwhile. In the end all of them must hold the server's state, and everything it acknowledged must be in it.
 *
 * `WEIR_MONKEYS_S` sets how long they run, in seconds.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { WeirClient } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";

const RUN_MS = Number(process.env["WEIR_MONKEYS_S"] ?? 12) * 1_000;
const SETTLE_MS = 30_000;
const KILLS = 3;
const SET = "monkeys ☃";

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

interface Ended extends Outcome {
  readonly code: number | null;
  readonly summary: string;
}

/** Runs monkeys in a process of their own to their end. */
async function runMonkeys(kind: string, replicas: number, url: string): Promise<Ended> {
  const words = ["--url", url, "--set", SET, "--replicas", `${replicas}`, "--duration", `${RUN_MS}ms`, "--json"];
  const more = ["--rate", "50", "--elements", "300", "--seed", "7", "--settle", `${SETTLE_MS}ms`];
  const child = spawn(process.execPath, ["src/cli/index.ts", "monkey", kind, ...words, ...more]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = stdout.trim().split("\n");
  const json = lines.at(-1);
  if (json?.startsWith("{") !== true) throw new Error(`${kind} ended with ${code}:\n${stdout}\n${stderr}`);
  return { ...(JSON.parse(json) as Outcome), code, summary: lines.slice(0, -1).join("\n") };
}

test(
  "[S3] [S16] monkeys converge through three kills of the server, and nothing acknowledged is missing",
  { timeout: RUN_MS + SETTLE_MS + 60_000 },
  async () => {
    const server = await startServer();
    const troops = { normal: 3, offline: 2, viewer: 2 };
    const running = Object.entries(troops).map(([kind, replicas]) => runMonkeys(kind, replicas, server.url));
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
    // Each of those that stay connected has seen each kill.
    expect(normal!.reconnects).toBeGreaterThanOrEqual(KILLS * troops.normal);
    expect(viewer!.reconnects).toBeGreaterThanOrEqual(KILLS * troops.viewer);
    expect(digest).not.toBe("0000000000000000");
  },
);
