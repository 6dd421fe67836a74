/**
 * Mazes through the gateway, against the real server: for each seed every user's lines, byte for byte, in order, once, and
 * nothing else; also when the server is killed in mid-stream, when users don't read, and when a source sends far more than
 * the stream takes.
 *
 * `WEIR_MAZE_SEEDS`, `WEIR_MAZE_EVENTS` and `WEIR_MAZE_USERS` make it larger; 20 seeds of 20000 events and 300 users take
 * some minutes.
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { MazeRun } from "../../src/cli/maze/maze-run.ts";
import type { WrongListener } from "../../src/cli/maze/maze-run.ts";
import type { MazeOptions } from "../../src/cli/maze/maze-options.ts";
import { WeirClient } from "../../src/client/index.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import type { GatewayProcess } from "../support/gateway-process.ts";
import { PLAIN_MAZE } from "../support/plain-maze.ts";
import { peakMemoryMiB } from "../support/process-usage.ts";
import { startServer } from "../support/server.ts";

const SEEDS = Number(process.env["WEIR_MAZE_SEEDS"] ?? 20);
const EVENTS = Number(process.env["WEIR_MAZE_EVENTS"] ?? 2_000);
const USERS = Number(process.env["WEIR_MAZE_USERS"] ?? 30);
const BATCHES = [1, 100, 5_000];
/** For the tests of what goes wrong, whose streams take a while. */
const LONG_EVENTS = Math.max(200_000, EVENTS);
const KILLS_AT = [0.15, 0.4, 0.65];
/** Generous: what it bounds takes a second. */
const SOON = { timeout: 20_000, interval: 20 };

function maze(gateway: GatewayProcess, options: Partial<MazeOptions>): MazeRun {
  return new MazeRun({
    host: "127.0.0.1",
    sourcePort: gateway.sourcePort,
    userPort: gateway.userPort,
    ...PLAIN_MAZE,
    events: EVENTS,
    users: USERS,
    batch: 100,
    settleMs: 20_000,
    quietMs: 300,
    json: false,
    ...options,
  });
}

async function walk(gateway: GatewayProcess, options: Partial<MazeOptions>): Promise<readonly WrongListener[]> {
  const run = maze(gateway, options);
  await run.run(new AbortController().signal);
  return run.judge();
}

/** What each seed is given beside its batch size. */
const MANNERS: readonly Partial<MazeOptions>[] = [
  {},
  { duplicates: 0.1, malformed: 0.05 },
  { naming: "texts", lineEnd: "\r\n", connected: 0.7 },
  { late: 0.5 },
  { late: 0.3, duplicates: 0.1, malformed: 0.1, naming: "texts" },
];

describe("a maze through the gateway", () => {
  it(`is right for ${SEEDS} seeds, in batches of ${BATCHES.join(", ")}`, { timeout: 900_000 }, async () => {
    const server = await startServer();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const gateway = await startGatewayProcess(server.url, `maze ${seed}`, ["--event-timeout", "-1"]);
      const manner = { ...MANNERS[seed % MANNERS.length], batch: BATCHES[seed % BATCHES.length]! };
      expect(await walk(gateway, { ...manner, seed }), `seed ${seed}, ${JSON.stringify(manner)}`).toEqual([]);
      const status = await new WeirClient({ url: server.url }).stream(`maze ${seed}`).status();
      expect(status).toMatchObject({ cursor: EVENTS, buffered: 0, totals: { skipped: 0 } });
      gateway.child.kill("SIGTERM");
      expect(await gateway.ended).toBe(0);
    }
  });

  it("is right where events never come, which the stream skips", async () => {
    const { url } = await startServer();
    const gateway = await startGatewayProcess(url, "gaps", [], { eventTimeoutMs: "100" });
    const run = maze(gateway, { gaps: 0.01, batch: 1_000, seed: 3 });
    await run.run(new AbortController().signal);
    expect(run.judge()).toEqual([]);
    const { totals, options } = await new WeirClient({ url }).stream("gaps").status();
    expect(options.event_timeout_ms).toBe(100);
    expect(totals.skipped).toBe(run.missing);
    expect(run.missing).toBeGreaterThan(0);
    expect(gateway.logged()).toMatch(/the stream skipped \d+ to \d+, which never came/);
  });

  it("is right though the server is killed three times in mid-stream", { timeout: 240_000 }, async () => {
    const server = await startServer();
    const gateway = await startGatewayProcess(server.url, "kills", ["--event-timeout", "-1"]);
    const stream = new WeirClient({ url: server.url }).stream("kills");
    const run = maze(gateway, { events: LONG_EVENTS, users: 50, late: 0.2, settleMs: 60_000 });
    const ended = run.run(new AbortController().signal);
    const kills: number[] = [];
    for (const share of KILLS_AT) {
      for (let cursor = 0; cursor < share * LONG_EVENTS;) ({ cursor } = await stream.status());
      await server.kill("SIGKILL");
      await server.restart();
      kills.push((await stream.status()).cursor);
    }
    await ended;
    expect(run.judge()).toEqual([]);
    console.log(`killed at ${kills.join(", ")} of ${LONG_EVENTS} events`);
    expect(kills.every((cursor) => cursor < LONG_EVENTS)).toBe(true);
    expect(gateway.logged().match(/lost the connection/g)).toHaveLength(KILLS_AT.length);
    expect(await stream.status()).toMatchObject({ cursor: LONG_EVENTS, totals: { skipped: 0 } });
  });

  it("is right for everyone else while some don't read, in bounded memory", { timeout: 240_000 }, async () => {
    const server = await startServer();
    const gateway = await startGatewayProcess(server.url, "stalled", ["--event-timeout", "-1"]);
    const before = { server: peakMemoryMiB(server.pid), gateway: peakMemoryMiB(gateway.child.pid!) };
    const stalled = Array.from({ length: 3 }, () => {
      const socket = connect({ host: "127.0.0.1", port: gateway.userPort });
      socket.on("error", () => {});
      socket.pause();
      socket.write("1\n");
      onTestFinished(() => void socket.destroy());
      return socket;
    });
    expect(await walk(gateway, { events: LONG_EVENTS, users: 50, settleMs: 60_000 })).toEqual([]);
    const after = { server: peakMemoryMiB(server.pid), gateway: peakMemoryMiB(gateway.child.pid!) };
    console.log(
      `${stalled.length} stalled users: server ${before.server} to ${after.server} MiB, gateway ${before.gateway} to ${after.gateway} MiB at the most`,
    );
    expect(after.gateway).toBeLessThan(512);
  });

  it(
    "holds a source back that sends far more than the stream takes, in bounded memory",
    { timeout: 120_000 },
    async () => {
      const server = await startServer();
      const gateway = await startGatewayProcess(server.url, "flood", ["--event-timeout", "-1"]);
      const before = { server: peakMemoryMiB(server.pid), gateway: peakMemoryMiB(gateway.child.pid!) };
      const stream = new WeirClient({ url: server.url }).stream("flood");
      await stream.configure({ max_buffered: 20_000 });
      // The first event is missing, so the stream takes 20,000 lines and no more; the source has 2,000,000.
      const source = connect({ host: "127.0.0.1", port: gateway.sourcePort });
      onTestFinished(() => void source.destroy());
      const total = 2_000_000;
      let sent = 1;
      const feed = (): void => {
        while (sent < total) {
          const lines = Array.from({ length: 1_000 }, (_, index) => `${sent + index + 1}|S|somebody\n`).join("");
          sent += 1_000;
          if (!source.write(lines)) return void source.once("drain", feed);
        }
        source.end();
      };
      feed();
      await vi.waitFor(async () => expect((await stream.status()).buffered).toBe(20_000), SOON);
      await sleep(1_000);
      const held = { server: peakMemoryMiB(server.pid), gateway: peakMemoryMiB(gateway.child.pid!) };
      console.log(
        `held back at ${sent} of ${total} lines: server ${before.server} to ${held.server} MiB, gateway ${before.gateway} to ${held.gateway} MiB at the most`,
      );
      expect(sent).toBeLessThan(total / 4);
      expect(held.gateway).toBeLessThan(before.gateway + 128);
      await stream.ingest(["1|B"]);
      await vi.waitFor(async () => expect((await stream.status()).cursor).toBe(total + 1), {
        timeout: 90_000,
        interval: 200,
      });
      const after = { server: peakMemoryMiB(server.pid), gateway: peakMemoryMiB(gateway.child.pid!) };
      console.log(`all taken: server ${after.server} MiB, gateway ${after.gateway} MiB at the most`);
      expect(after.gateway).toBeLessThan(before.gateway + 256);
    },
  );
});

describe("weir gateway", () => {
  it("says in a sentence why it can't start", async () => {
    const { url } = await startServer();
    await expect(startGatewayProcess("http://127.0.0.1:1", "s")).rejects.toThrow(
      "ended with 1:\nhttp://127.0.0.1:1 could not be reached.\n",
    );
    const first = await startGatewayProcess(url, "s");
    await expect(startGatewayProcess(url, "s", ["--user-port", String(first.userPort)])).rejects.toThrow(
      /ended with 1:\n.*EADDRINUSE.*\n$/,
    );
    await expect(startGatewayProcess(url, "s", [], { maxUserClients: "none" })).rejects.toThrow(
      "ended with 2:\nmaxUserClients must be",
    );
  });

  it("honours the environment of old programs", async () => {
    const { url } = await startServer();
    const environment = { maxEventSourceClients: "2", maxUserClients: "7", eventTimeoutMs: "-1" };
    await startGatewayProcess(url, "s", [], environment);
    const { options } = await new WeirClient({ url }).stream("s").status();
    expect(options).toMatchObject({ max_sources: 2, max_users: 7, event_timeout_ms: -1 });
  });
});
