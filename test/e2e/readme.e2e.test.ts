/**
 * Runs what the README tells people to run: each `sh` block with curl against a real server, in order, and compares what
 * it prints with the `json` or `text` block that follows, epochs aside.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { startServer, temporaryFolder } from "../support/server.ts";

const readme = readFileSync("README.md", "utf8");
const SERVED_AT = "http://127.0.0.1:8787";
/** A live request never ends by itself. */
const LIVE_MS = 2_000;

interface Example {
  readonly command: string;
  readonly output: string | undefined;
}

function examples(): readonly Example[] {
  const blocks = readme.matchAll(/```sh\n([^`]*curl[^`]*)```\n(?:\n```(?:json|text)\n([^`]*)```)?/g);
  return [...blocks].map(([, command = "", output]) => ({ command, output }));
}

/** An epoch is chosen anew each time a thing is created, and the README's JSON is laid out to be read. */
function comparable(text: string): unknown {
  const settled = text.replaceAll(/"[0-9a-f]{16}:(\d+)"/g, '"<epoch>:$1"').trim();
  return settled.startsWith("{") ? (JSON.parse(settled) as unknown) : settled;
}

test("the README has requests to run", () => {
  expect(examples().length).toBeGreaterThanOrEqual(3);
});

test("each request of the README prints what the README says", async () => {
  const { url } = await startServer();
  for (const { command, output } of examples()) {
    const isLive = command.includes("/live");
    const run = promisify(execFile)("bash", ["-c", command.replaceAll(SERVED_AT, url)], {
      ...(isLive && { timeout: LIVE_MS }),
    });
    const { stdout } = await run.catch((error: { stdout: string; killed?: boolean }) => {
      if (!isLive || error.killed !== true) throw error;
      return error;
    });
    if (output === undefined) expect(stdout, command).toMatch(/"type":"\w+"/);
    else expect(comparable(stdout), command).toEqual(comparable(output));
  }
});

test("its SDK examples run one after the other", async () => {
  const { url } = await startServer();
  const code = [...readme.matchAll(/```ts\n([^`]*)```/g)].map(([, example = ""]) => example).join("");
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module-typescript",
    "--eval",
    code.replaceAll(SERVED_AT, url),
  ]);
  expect(stdout).toMatch(/^\[ 'eggs', 'flour' \] [0-9a-f]{16}\n1\n1\n2\|S\|50\n$/);
});

test("its token is one", async () => {
  const [, words = ""] = /WEIR_TOKEN=\$\(npm run -s weir -- (token [^)]+)\)/.exec(readme) ?? [];
  const { stdout } = await promisify(execFile)("bash", ["-c", `${process.execPath} src/cli/index.ts ${words}`], {
    env: { ...process.env, AUTH_SECRET: "as long as what openssl rand -base64 32 says" },
  });
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
});

test("its commands end well", async () => {
  const { url } = await startServer();
  const options = { cwd: temporaryFolder() };
  const commands = readme.matchAll(/^npm run weir -- (.+)$/gm);
  let run = 0;
  let toServer = ["--url", url];
  for (const [, words = ""] of commands) {
    // Watching never ends by itself.
    if (words.startsWith("set watch")) continue;
    if (words.startsWith("gateway")) {
      const [, stream = ""] = /--stream (\S+)/.exec(words) ?? [];
      const { sourcePort, userPort } = await startGatewayProcess(url, stream);
      toServer = ["--source-port", String(sourcePort), "--user-port", String(userPort)];
      continue;
    }
    const line = [resolve("src/cli/index.ts"), ...words.split(" "), ...toServer];
    await promisify(execFile)(process.execPath, line, options);
    run += 1;
  }
  expect(run).toBeGreaterThanOrEqual(4);
});
