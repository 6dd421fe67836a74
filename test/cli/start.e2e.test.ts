import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/server.ts";
import { start } from "../support/start-process.ts";

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Resolves as soon as nothing answers there any more; the test's own deadline bounds it. */
async function silence(url: string): Promise<void> {
  while (await answers(url)) await sleep(20);
}

it("says where it is and what to try, serves, and ends with 0 when told to stop", async () => {
  const server = start({ WEIR_DATA: temporaryFolder() });
  const url = await server.url();
  expect(await answers(url)).toBe(true);
  expect(server.output().match(/^ +curl .*$/gm)).toHaveLength(3);
  expect(server.output()).toMatch(/AUTH_MODE is open/);
  const runtimePid = server.runtimePid();

  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(await answers(url)).toBe(false);
  expect(() => process.kill(runtimePid, 0)).toThrow();
});

it("ends with 0 on Ctrl-C while it builds", async () => {
  const data = temporaryFolder();
  const server = start({ WEIR_DATA: data });
  while (!existsSync(join(data, "bundle"))) await sleep(10);
  server.child.kill("SIGINT");
  expect(await server.ended).toBe(0);
});

it("leaves nothing running when killed outright, and starts at once on the same port and data", async () => {
  const data = temporaryFolder();
  const first = start({ WEIR_DATA: data });
  const url = await first.url();
  const port = new URL(url).port;
  expect((await fetch(`${url}/sets/a/elements/x`, { method: "PUT" })).status).toBe(200);
  first.child.kill("SIGKILL");
  // A process id that lives and isn't a server's: what is written down must not count as a lock.
  await first.ended;
  writeFileSync(join(data, "lock.pid"), `${process.pid}\n`);

  const second = start({ WEIR_DATA: data, PORT: port });
  expect(await second.url()).toBe(url);
  expect(await (await fetch(`${url}/sets/a`)).json()).toMatchObject({ elements: ["x"] });

  process.kill(second.runtimePid(), "SIGKILL");
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/died \(SIGKILL\)/);
});

it("ends when npm is killed outright", async () => {
  const npm = start({ WEIR_DATA: temporaryFolder() }, ["npm", "start"]);
  const url = await npm.url();
  npm.child.kill("SIGKILL");
  await silence(url);
});

it("passes the end on through npm", async () => {
  const npm = start({ WEIR_DATA: temporaryFolder() }, ["npm", "start"]);
  const url = await npm.url();
  npm.child.kill("SIGTERM");
  await npm.ended;
  await silence(url);
});

it("refuses a port that is taken", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => squatter.once("listening", done));
  onTestFinished(() => void squatter.close());
  const port = (squatter.address() as AddressInfo).port;
  const server = start({ WEIR_DATA: temporaryFolder(), PORT: String(port) });
  expect(await server.ended).toBe(1);
  expect(server.output()).toMatch(new RegExp(`^Port ${port} is taken: .* set PORT .*\n$`));
});

it("refuses a data folder in use, and names who uses it", async () => {
  const data = temporaryFolder();
  const first = start({ WEIR_DATA: data });
  await first.url();
  const second = start({ WEIR_DATA: data });
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(new RegExp(`in use by process ${first.child.pid}: .*WEIR_DATA.*\n$`));
  expect(second.output().trim().split("\n")).toHaveLength(1);
});

it.skipIf(!existsSync("/proc/self"))(
  "refuses a data folder where there can be none, and does not go on trying",
  async () => {
    const server = start({ WEIR_DATA: "/proc/weir" });
    expect(await server.ended).toBe(1);
    expect(server.output()).toMatch(/^The data folder .* is not writable .*WEIR_DATA.*\n$/);
  },
);

it("refuses a data folder that it can't write", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const server = start({ WEIR_DATA: join(file, "data") });
  expect(await server.ended).toBe(1);
  expect(server.output()).toMatch(/^The data folder .* is not writable .*WEIR_DATA.*\n$/);
});

it.each(["http", "65536", "-1", "80 80"])("refuses PORT=%s", async (port) => {
  const server = start({ WEIR_DATA: temporaryFolder(), PORT: port });
  expect(await server.ended).toBe(1);
  expect(server.output()).toMatch(/^PORT is ".*", which is no port: .*\n$/);
});

it("writes no secret to disk", async () => {
  const data = temporaryFolder();
  const server = start({ WEIR_DATA: data, AUTH_SECRET: "correct horse battery staple" });
  await server.url();
  const files = readdirSync(data, { recursive: true, encoding: "utf8" }).map((name) => join(data, name));
  const texts = files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, "latin1"));
  expect(texts.some((text) => text.includes("AUTH_SECRET"))).toBe(true);
  expect(texts.filter((text) => text.includes("correct horse"))).toEqual([]);
});

it("says what a server with tokens needs, and with them how to call it", async () => {
  const closed = start({ WEIR_DATA: temporaryFolder(), AUTH_MODE: "token" });
  await closed.url();
  expect(closed.output()).toMatch(/!!! It refuses every request\. .*AUTH_SECRET or AUTH_JWKS_URL must be set\./);
  expect(closed.output()).not.toMatch(/curl/);

  const secret = "a secret of at least thirty-two bytes";
  const server = start({ WEIR_DATA: temporaryFolder(), AUTH_MODE: "token", AUTH_SECRET: secret });
  const url = await server.url();
  expect(server.output()).toMatch(/AUTH_MODE is token/);
  expect(server.output().match(/^ +curl -H "Authorization: Bearer \$WEIR_TOKEN" .*$/gm)).toHaveLength(3);
  expect(server.output()).toMatch(/export WEIR_TOKEN=\$\(npm run -s weir -- token sets:read sets:write\)/);
  expect(server.output()).not.toContain(secret);
  expect((await fetch(`${url}/sets/a`)).status).toBe(401);
});
