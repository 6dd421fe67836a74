/**
 * Export, wipe, import by the command line, cut again and again by killing the server and the command: what is there in the
 * end gives the same answers and digests.
 *
 * `WEIR_TRANSFER_ENTRIES=1000000` makes it large, and takes some minutes.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { WeirClient } from "../../src/client/index.ts";
import { forgetPeakMemory, peakMemoryMiB } from "../support/process-usage.ts";
import { startServer, temporaryFolder } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";

const ENTRIES = Number(process.env["WEIR_TRANSFER_ENTRIES"] ?? 20_000);
const TIMEOUT_MS = 120_000 + ENTRIES;
const BATCH = 5_000;
const LOOK_MS = 5;
const LOOK_MEMORY_MS = 50;
const HOUR = Date.UTC(2024, 0, 2, 3);
const HOUR_MS = 3_600_000;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory it had, in MiB. */
  readonly peakMib: number;
  /** Whether it was killed before it had ended. */
  readonly isCut: boolean;
}

/** Runs a command; with `cut`, kills it and the server as soon as it has done something. */
async function weir(words: readonly string[], cut?: Cut): Promise<Ended> {
  const child = spawn(process.execPath, ["src/cli/index.ts", ...words]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr, peak, isCut] = ["", "", 0, false];
  const over = new AbortController();
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const watch = setInterval(() => (peak = Math.max(peak, peakMemoryMiB(child.pid!))), LOOK_MEMORY_MS);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => over.abort());
  if (cut !== undefined) {
    while (!over.signal.aborted && !(await cut.when())) await sleep(LOOK_MS);
    isCut = !over.signal.aborted;
    await cut.server.kill("SIGKILL");
    child.kill("SIGKILL");
  }
  const code = await ended;
  clearInterval(watch);
  if (cut !== undefined) await cut.server.restart();
  return { code, stdout, stderr, peakMib: peak, isCut };
}

interface Cut {
  readonly server: TestServer;
  readonly when: () => boolean | Promise<boolean>;
}

interface Thing {
  readonly feature: string;
  readonly name: string;
  /** Everything that must be the same afterwards. */
  readonly answers: () => Promise<unknown>;
  readonly wipe: () => Promise<unknown>;
}

async function inBatches(count: number, send: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += BATCH) await send(from, Math.min(count, from + BATCH));
}

function range<T>(from: number, to: number, make: (index: number) => T): T[] {
  return Array.from({ length: to - from }, (_, index) => make(from + index));
}

async function makeSet(client: WeirClient): Promise<Thing> {
  const set = client.set("cart/ü");
  await set.create({ bias: "remove" });
  await inBatches(ENTRIES, (from, to) =>
    set.apply(
      range(from, to, (index) => ({ op: index % 4 === 0 ? "remove" : "add", element: `e${index}`, timestamp: index })),
    ),
  );
  const answers = async () => {
    const { size, digest, elements } = await set.elements({ limit: 100 });
    return { size, digest, elements, entry: await set.entry("e4") };
  };
  return { feature: "sets", name: set.name, answers, wipe: () => set.erase() };
}

async function makeTenant(client: WeirClient): Promise<Thing> {
  const tenant = "acme";
  await inBatches(ENTRIES, (from, to) =>
    client.call("itemsObserve", {
      params: {},
      query: {},
      body: range(from, to, (index) => ({ id: `i${index}`, tenant })),
    }),
  );
  const answers = async () => [
    await client.items.count(tenant),
    ...(await Promise.all(["i0", "i7", `i${ENTRIES - 1}`, "none"].map((id) => client.items.counted(tenant, id)))),
  ];
  return { feature: "items", name: tenant, answers, wipe: () => client.items.erase(tenant) };
}

/** Two thirds of the users in one slice, the rest in many. */
async function makeSite(client: WeirClient, url: string): Promise<Thing> {
  const site = "shop";
  const eventOf = (index: number) => ({
    timestamp: index % 3 === 0 ? HOUR + (index % 300) * HOUR_MS : HOUR,
    user: `u${index}`,
    event: index % 2 === 0 ? ("click" as const) : ("impression" as const),
    site: site as never,
    id: `id${index}`,
  });
  await inBatches(ENTRIES, (from, to) =>
    client.call("analyticsEvents", { params: {}, body: range(from, to, eventOf) }),
  );
  const answers = async () => {
    const response = await fetch(`${url}/analytics/allslices?site=${site}`, {
      headers: { "Cache-Control": "no-cache" },
    });
    return response.text();
  };
  const wipe = () => client.call("analyticsErase", { params: {}, query: { site: site as never } });
  return { feature: "analytics", name: site, answers, wipe };
}

/** A fifth of the events are follows of a hundred users; the rest tell them things. */
async function makeStream(client: WeirClient, url: string): Promise<Thing> {
  const stream = "feed";
  const lineOf = (index: number) => {
    const user = index % 100;
    if (index % 5 === 0) return `${index}|F|${user}|${(index / 5) % 97}`;
    return index % 5 === 1 ? `${index}|P|1|${user}` : `${index}|S|${user}`;
  };
  const send = async (from: number, to: number) => {
    const body = range(from, to, (index) => lineOf(index + 1)).join("\n");
    const response = await fetch(`${url}/streams/${stream}/events`, { method: "POST", body });
    expect(response.status).toBe(200);
  };
  await inBatches(ENTRIES, send);
  // One that waits, for ever, one that is dead, and one that was there before.
  await client.call("streamOptions", { params: { stream }, body: { event_timeout_ms: -1 } });
  await fetch(`${url}/streams/${stream}/events`, { method: "POST", body: `${ENTRIES + 2}|B\nnonsense\n1|B` });
  const answers = async () => {
    const status = await (await fetch(`${url}/streams/${stream}`)).json();
    return [{ ...(status as object), gap: null }, await toldOf(url, stream, "7")];
  };
  const wipe = () => client.call("streamErase", { params: { stream } });
  return { feature: "streams", name: stream, answers, wipe };
}

/** All that a user was ever told, as bare lines; nothing where there is no stream. */
async function toldOf(url: string, stream: string, user: string): Promise<string> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/streams/${stream}/users/${user}/live?since=0`);
  let told = "";
  await new Promise<void>((resolve) => {
    socket.addEventListener("close", () => resolve());
    socket.addEventListener("error", () => resolve());
    socket.addEventListener("message", ({ data }) => {
      const frame = JSON.parse(String(data)) as { type: string; cursor: number; events: string[] };
      if (frame.type !== "events") return;
      told += frame.events.map((line) => `${line}\n`).join("");
      if (frame.cursor === ENTRIES || frame.cursor === 0) resolve();
      socket.send('{"type":"seen"}');
    });
  });
  socket.close();
  return createHash("sha256").update(told).digest("hex") + ` of ${told.length}`;
}

test("[X3] [X5] export, wipe, import, cut on every way: the same answers", { timeout: TIMEOUT_MS }, async () => {
  const server = await startServer();
  const client = new WeirClient({ url: server.url });
  const folder = temporaryFolder();
  const things = [
    await makeSet(client),
    await makeTenant(client),
    await makeSite(client, server.url),
    await makeStream(client, server.url),
  ];
  for (const { feature, name, ...thing } of things) {
    const before = await thing.answers();
    const path = join(folder, `${feature}.ndjson`);
    const exporting = ["export", feature, name, "--out", path, "--url", server.url];
    const importing = ["import", path, "--url", server.url];
    const cutExport = await weir(exporting, { server, when: () => existsSync(path) && statSync(path).size > 0 });
    forgetPeakMemory(server.pid);
    const exported = await weir(exporting);
    const exportedBy = peakMemoryMiB(server.pid);
    expect(exported, feature).toMatchObject({ code: 0 });
    expect(exported.stdout).toContain("is whole");

    expect(await weir(importing)).toMatchObject({ code: 1, stdout: "" });
    await thing.wipe();
    const empty = JSON.stringify(await thing.answers());
    expect(JSON.parse(empty)).not.toEqual(before);
    const cutImport = await weir(importing, {
      server,
      when: async () => JSON.stringify(await thing.answers()) !== empty,
    });
    // The others are few requests at this size, and may be over before anyone looks.
    if (feature === "sets" || feature === "items") expect([cutExport.isCut, cutImport.isCut]).toEqual([true, true]);
    forgetPeakMemory(server.pid);
    const imported = await weir(importing);
    const importedBy = peakMemoryMiB(server.pid);
    expect(imported, feature).toMatchObject({ code: 0 });
    expect(imported.stdout).toContain("is what was exported");
    expect(await thing.answers()).toEqual(before);
    // To do it all again changes nothing.
    expect(await weir(importing)).toMatchObject({ code: 0 });
    expect(await thing.answers()).toEqual(before);
    const peaks = [exported.peakMib, exportedBy, imported.peakMib, importedBy];
    console.log(`${feature}: ${ENTRIES} entries, ${statSync(path).size} bytes; MiB: ${peaks.join(", ")}`);
  }
});

test("[X7] a cut file is refused before anything is imported, and so is a name that makes no sense", async () => {
  const server = await startServer();
  const client = new WeirClient({ url: server.url });
  await client.set("a").add("x");
  const path = join(temporaryFolder(), "a.ndjson");
  expect(await weir(["export", "sets", "a", "--out", path, "--url", server.url])).toMatchObject({ code: 0 });
  truncateSync(path, statSync(path).size - 1);
  const cut = await weir(["import", path, "--as", "b", "--url", server.url]);
  expect(cut).toMatchObject({ code: 1, stdout: "" });
  expect(cut.stderr).toContain("was cut after 1 records");
  expect(await client.set("b").elements()).toMatchObject({ offset: "0:0" });
  expect((await weir(["export", "maps", "a", "--url", server.url])).code).toBe(2);
  const nothing = await weir(["export", "sets", "never", "--out", `${path}.no`, "--url", server.url]);
  expect(nothing).toMatchObject({ code: 1, stderr: "This set was never written: there is nothing to export.\n" });
});

test("[A29] an erased site has left no pseudonym and no salt in any file", async () => {
  const data = temporaryFolder();
  const server = await startServer({ data });
  const client = new WeirClient({ url: server.url });
  const event = (index: number) => ({
    timestamp: HOUR + (index % 3) * HOUR_MS,
    user: `u${index}`,
    event: "click" as const,
    site: "s" as never,
    id: `id${index}`,
  });
  await client.call("analyticsEvents", { params: {}, body: range(0, 3_000, event) });
  await server.stop();
  const secrets = secretsIn(join(data, "objects"));
  expect(secrets.length).toBe(3 * 3);
  expect(secrets.every((secret) => isInFiles(data, secret))).toBe(true);
  await server.restart();
  await client.call("analyticsErase", { params: {}, query: { site: "s" as never } });
  expect(secrets.filter((secret) => isInFiles(data, secret))).toEqual([]);
  await server.stop();
  expect(secrets.filter((secret) => isInFiles(data, secret))).toEqual([]);
});

/** Salts, and of users and event ids the first 16 pseudonyms of each slice. */
function secretsIn(folder: string): readonly Buffer[] {
  return databasesIn(folder).flatMap((path) => {
    const database = new DatabaseSync(path);
    try {
      return [
        "SELECT salt AS bytes FROM secret",
        "SELECT pseudonyms AS bytes FROM users",
        "SELECT pseudonyms AS bytes FROM event_ids",
      ].map((sql) => Buffer.from(database.prepare(`${sql} LIMIT 1`).get()!["bytes"] as Uint8Array).subarray(0, 256));
    } catch {
      return [];
    } finally {
      database.close();
    }
  });
}

function databasesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sqlite"))
    .map((path) => join(folder, path));
}

function isInFiles(folder: string, bytes: Buffer): boolean {
  return readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: false })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .some((path) => readFileSync(path).includes(bytes));
}
