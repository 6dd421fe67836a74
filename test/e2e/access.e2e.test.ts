/** Tokens end to end: made by the command, taken by a real server, used by the commands and the SDK. */
import { execFile, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, onTestFinished, test } from "vitest";
import { mintToken } from "../../src/cli/token/mint-token.ts";
import { WeirClient } from "../../src/client/index.ts";
import type { ConnectionStateKind } from "../../src/client/index.ts";
import { startServer } from "../support/server.ts";

const SECRET = "a secret for the end-to-end tests of access";
const TOKEN_MODE = { AUTH_MODE: "token", AUTH_SECRET: SECRET };

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function weir(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const run = promisify(execFile)(process.execPath, ["src/cli/index.ts", ...words], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
  });
  try {
    return { code: 0, ...(await run) };
  } catch (error) {
    return error as Ended;
  }
}

async function commandToken(...scopes: readonly string[]): Promise<string> {
  const { code, stdout } = await weir(["token", ...scopes, "--ttl", "10m"], { AUTH_SECRET: SECRET });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

describe("weir token", () => {
  test("makes tokens that a server with the same secret takes, for what they say", async () => {
    const { url } = await startServer({ env: TOKEN_MODE });
    const at = ["--url", url];
    const [writer, reader] = await Promise.all([
      commandToken("sets:write:fruit", "sets:read:fruit"),
      commandToken("sets:read:fr*"),
    ]);
    expect((await weir(["set", "add", "fruit", "apple", ...at], { WEIR_TOKEN: writer })).code).toBe(0);
    expect(await weir(["set", "get", "fruit", ...at], { WEIR_TOKEN: reader })).toMatchObject({ stdout: "apple\n" });
    const refused = await weir(["set", "add", "fruit", "pear", ...at], { WEIR_TOKEN: reader });
    expect(refused).toMatchObject({ code: 1, stderr: "The token lacks the scope sets:write.\n" });
    const without = await weir(["set", "get", "fruit", ...at]);
    expect(without).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/with a token only/) as string,
    });
  });

  test("refuses what would be no token, with a sentence", async () => {
    const secret = { AUTH_SECRET: SECRET };
    expect(await weir(["token", "sets:reed"], secret)).toMatchObject({ code: 2, stdout: "" });
    expect(await weir(["token"], secret)).toMatchObject({ code: 2, stdout: "" });
    expect(await weir(["token", "admin", "--ttl", "367d"], secret)).toMatchObject({ code: 2, stdout: "" });
    expect(await weir(["token", "admin"], { AUTH_SECRET: "" })).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("commands that stay connected", () => {
  test("do so with a token, and without one end with what the server says", async () => {
    const { url } = await startServer({ env: TOKEN_MODE });
    const monkeys = ["monkey", "normal", "--url", url, "--duration", "1s", "--rate", "50"];
    const token = await commandToken("sets:read:monkeys sets:write:monkeys");
    const [let_in, refused, watch] = await Promise.all([
      weir(monkeys, { WEIR_TOKEN: token }),
      weir([...monkeys, "--set", "others"], { WEIR_TOKEN: token }),
      weir(["set", "watch", "fruit", "--url", url]),
    ]);
    expect(let_in).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/1\/1 converged, 0 acked ops missing/) as string,
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("The token lacks the scope sets:read:others.");
    expect(watch.code).toBe(1);
    expect(watch.stderr).toContain("This server takes requests with a token only");
  });
});

describe("a live connection of the SDK", () => {
  test("outlives its token if there is another, and lacks nothing", async () => {
    const { url } = await startServer({ env: TOKEN_MODE });
    const scopes = ["sets:read:live", "sets:write:live"];
    let asked = 0;
    const client = new WeirClient({
      url,
      // The server takes a token to its very end; the SDK asks for another some seconds before.
      token: async () => {
        asked += 1;
        return mintToken({ secret: SECRET, scopes, expiresMs: Date.now() + 7_000 });
      },
    });
    const set = client.set("live");
    const seen: string[] = [];
    const kinds: ConnectionStateKind[] = [];
    const connection = set.live({
      onFrame: (frame) => {
        if (frame.type === "changes") seen.push(...frame.changes.map(({ element }) => element));
      },
      onState: (kind) => kinds.push(kind),
    });
    onTestFinished(() => connection.close());
    connection.connect();
    await expect.poll(() => connection.kind, { timeout: 5_000 }).toBe("live");
    await expect.poll(() => connection.reconnects, { timeout: 20_000 }).toBe(1);
    await set.add("after");
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(["after"]);
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(kinds).not.toContain("refused");
  });

  test("that is not let in says why, and stops", async () => {
    const { url } = await startServer({ env: TOKEN_MODE });
    const expired = await mintToken({ secret: SECRET, scopes: ["sets:read"], expiresMs: Date.now() - 1_000 });
    for (const [token, code] of [
      [undefined, "unauthorized"],
      [expired, "unauthorized"],
      [await commandToken("sets:read:b"), "forbidden"],
    ] as const) {
      const connection = new WeirClient({ url, token }).set("a").live({ onFrame: () => {} });
      onTestFinished(() => connection.close());
      connection.connect();
      await expect.poll(() => connection.refusal?.code, { timeout: 5_000 }).toBe(code);
      expect(connection.refusal?.detail).toMatch(/\.$/);
    }
  });
});

test("a server takes the tokens of whoever's keys it is told to read", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" };
  const issuer = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((listening) => issuer.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void issuer.close());
  const { port } = issuer.address() as AddressInfo;
  const { url } = await startServer({
    env: { AUTH_MODE: "token", AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks.json`, AUTH_AUDIENCE: "weir" },
  });
  const token = (audience: string) =>
    new SignJWT({ scope: "items:write:acme items:read:acme" })
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .setAudience(audience)
      .setExpirationTime("5m")
      .sign(privateKey);
  const client = new WeirClient({ url, token: await token("weir") });
  expect(await client.items.observe([{ id: "1", tenant: "acme" }])).toEqual(["new"]);
  expect(await client.items.count("acme")).toBe(1);
  await expect(client.items.count("others")).rejects.toMatchObject({ code: "forbidden" });
  const stranger = new WeirClient({ url, token: await token("others") });
  await expect(stranger.items.count("acme")).rejects.toMatchObject({ code: "unauthorized" });
});

test("a server whose issuer can't be reached blames nobody", async () => {
  const { url } = await startServer({ env: { AUTH_MODE: "token", AUTH_JWKS_URL: "http://127.0.0.1:1/jwks.json" } });
  const { privateKey } = await generateKeyPair("ES256");
  const token = await new SignJWT({ scope: "sets:read" })
    .setProtectedHeader({ alg: "ES256", kid: "k1" })
    .setExpirationTime("5m")
    .sign(privateKey);
  const answer = await fetch(`${url}/sets/a`, { headers: { Authorization: `Bearer ${token}` } });
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
  await answer.arrayBuffer();
});

test("watching is spoken of no more than it has to be: the token is never printed", async () => {
  const token = await commandToken("sets:read");
  const { url } = await startServer({ env: TOKEN_MODE });
  const child = spawn(process.execPath, ["src/cli/index.ts", "set", "watch", "a", "--url", url], {
    env: { ...process.env, WEIR_TOKEN: token },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await expect.poll(() => said, { timeout: 10_000 }).toContain("Up to date.");
  child.kill("SIGINT");
  await new Promise((ended) => child.once("close", ended));
  expect(said).not.toContain(token);
});
