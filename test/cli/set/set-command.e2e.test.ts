/** A set from a terminal: what the commands say and end with, against a server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WeirClient } from "../../../src/client/index.ts";
import { startServer } from "../../support/server.ts";

function spawnSet(...words: readonly string[]) {
  const child = spawn(process.execPath, ["src/cli/index.ts", "set", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function runSet(...words: readonly string[]): Promise<{ readonly code: unknown; readonly stdout: string }> {
  const child = spawnSet(...words);
  let stdout = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  const [code] = await once(child, "close");
  return { code, stdout };
}

test("add and remove say what became of it, and fail if it was not accepted", async () => {
  const { url } = await startServer();
  const at = ["--url", url];
  expect(await runSet("add", "fruit", "apple", ...at)).toEqual({ code: 0, stdout: "applied; the set has 1 member.\n" });
  expect(await runSet("add", "fruit", "..", ...at)).toEqual({ code: 0, stdout: "applied; the set has 2 members.\n" });
  expect(await runSet("get", "fruit", ...at)).toEqual({ code: 0, stdout: "..\napple\n" });
  expect(await runSet("remove", "fruit", "..", ...at)).toMatchObject({ code: 0 });

  const future = Date.now() + 60_000;
  await new WeirClient({ url }).set("fruit").apply([{ op: "add", element: "later", timestamp: future }]);
  const superseded = { code: 0, stdout: "superseded; the set has 2 members.\n" };
  expect(await runSet("remove", "fruit", "later", ...at)).toEqual(superseded);

  // A set that remembers to have purged what this clock has not come to yet.
  const header = { weir: "export", version: 1, feature: "sets", name: "old", id: "0".repeat(16), options: {} };
  const body = JSON.stringify([{ ...header, purged_ms: future }]);
  expect((await fetch(`${url}/sets/old/import`, { method: "POST", body })).status).toBe(200);
  expect(await runSet("add", "old", "x", ...at)).toEqual({ code: 1, stdout: "expired; the set has 0 members.\n" });
});

test("watching ends when nobody reads any more", async () => {
  const { url } = await startServer();
  const set = new WeirClient({ url }).set("fruit");
  await set.add("apple");
  const watcher = spawnSet("watch", "fruit", "--url", url);
  const ended = once(watcher, "exit");
  const [line] = await once(watcher.stdout, "data");
  expect(String(line)).toMatch(/ \+ apple\n$/);
  watcher.stdout.destroy();
  await set.add("pear");
  expect(await ended).toEqual([0, null]);
});
