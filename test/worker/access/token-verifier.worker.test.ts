import { describe, expect, it } from "vitest";
import { limits } from "../../../src/protocol/limits.ts";
import { succeed } from "../../../src/protocol/problem.ts";
import type { KeySource } from "../../../src/worker/access/key-source.ts";
import { SecretKeys } from "../../../src/worker/access/secret-keys.ts";
import { SKEW_S, TokenVerifier } from "../../../src/worker/access/token-verifier.ts";
import { mint, OTHER_SECRET, SECRET } from "../support/tokens.ts";

const MINUTE_MS = 60_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const waitUntil = (): void => {};

/** A verifier with a clock of the test's own, that counts how often keys are asked for. */
function verifier(believedMsMax = Infinity) {
  const clock = { nowMs: Math.floor(Date.now() / 1000) * 1000, keysAsked: 0 };
  const secrets = new SecretKeys([SECRET]);
  const keys: KeySource = {
    believedMsMax,
    find: (algorithm, kid) => {
      clock.keysAsked += 1;
      return secrets.find(algorithm, kid);
    },
  };
  const tokens = new TokenVerifier({ keys, nowMs: () => clock.nowMs });
  const verify = async (token: string): Promise<boolean | string> => {
    const verified = await tokens.verify(token, waitUntil);
    return verified.ok || verified.problem.detail;
  };
  return { clock, tokens, verify };
}

describe("a token", () => {
  it("[K9] counts until the very instant that it names, and is checked once", async () => {
    const { clock, verify } = verifier();
    const token = await mint({ expiresInS: 60 });
    const exp = (JSON.parse(atob(token.split(".")[1]!)) as { exp: number }).exp * 1000;
    expect(await verify(token)).toBe(true);
    clock.nowMs = exp - 1;
    expect(await verify(token)).toBe(true);
    clock.nowMs = exp;
    expect(await verify(token)).toMatch(/expired/);
    expect(clock.keysAsked).toBe(1);
    // One that is seen then for the first time is no better.
    expect(await verify(await mint({ expiresInS: 59, claims: { jti: "new" } }))).toMatch(/expired/);
  });

  it("[K9] may have no end, but none that makes no sense", async () => {
    const { clock, verify } = verifier();
    const token = await mint({ expiresInS: null });
    expect(await verify(token)).toBe(true);
    clock.nowMs *= 2;
    expect(await verify(token)).toBe(true);
    expect(await verify(await mint({ expiresInS: null, claims: { exp: "4e9" } }))).toMatch(/exp that makes no sense/);
  });

  it("[K9] may begin a little later than the clock here says", async () => {
    const { clock, verify } = verifier();
    const nowS = clock.nowMs / 1000;
    const from = (nbf: number) => mint({ claims: { nbf } });
    expect(await verify(await from(nowS + SKEW_S))).toBe(true);
    expect(await verify(await from(nowS + SKEW_S + 1))).toMatch(/not valid yet/);
  });

  it("[K8] is believed no longer than its keys are", async () => {
    const { clock, verify } = verifier(MINUTE_MS);
    const token = await mint();
    for (const [afterMs, keysAsked] of [
      [0, 1],
      [MINUTE_MS - 1, 1],
      [1, 2],
    ] as const) {
      clock.nowMs += afterMs;
      expect(await verify(token)).toBe(true);
      expect(clock.keysAsked).toBe(keysAsked);
    }
  });

  it("[K8] that was refused is not remembered as if it had not been", async () => {
    const { verify } = verifier();
    const token = await mint();
    const other = token.replace(/.$/, (last) => (last === "A" ? "E" : "A"));
    expect(await verify(other)).toMatch(/not signed/);
    expect(await verify(token)).toBe(true);
    expect(await verify(other)).toMatch(/not signed/);
  });

  it("[K8] counts in one spelling alone", async () => {
    const { verify } = verifier();
    const token = await mint();
    const [header, payload, signature = ""] = token.split(".");
    const last = signature.at(-1) ?? "";
    const respelt = [
      `${token}=`,
      `${header}.${payload}. ${signature}`,
      `${header}.${payload}.${signature.slice(0, 9)}\t${signature.slice(9)}`,
      `${header}.${payload}.${signature}AA`,
      // The last character holds two bits that are no part of the signature.
      ...[1, 2, 3].map((bits) => token.slice(0, -1) + ALPHABET[ALPHABET.indexOf(last) ^ bits]),
    ];
    for (const spelling of respelt)
      expect([spelling, await verify(spelling)]).toEqual([spelling, "The token is not a JWT."]);
    expect(await verify(token)).toBe(true);
  });

  it("[K8] has at most so many characters", async () => {
    const { clock, verify } = verifier();
    expect(limits.tokenCharsMax).toBe(8_192);
    expect(await verify(`a.b.${"c".repeat(8_188)}`)).toMatch(/not a JWT/);
    expect(await verify(`a.b.${"c".repeat(8_189)}`)).toMatch(/longer than 8192/);
    const long = await mint({ claims: { pad: "x".repeat(5_800) } });
    expect(long.length).toBeGreaterThan(7_800);
    expect(await verify(long)).toBe(true);
    expect(clock.keysAsked).toBe(1);
  });

  it("knows its holder by what is signed, whoever signed it", async () => {
    const tokens = new TokenVerifier({ keys: new SecretKeys([SECRET, OTHER_SECRET]) });
    const claims = { exp: Math.floor(Date.now() / 1_000) + 600 };
    const keys = [];
    for (const secret of [SECRET, OTHER_SECRET]) {
      const verified = await tokens.verify(await mint({ kid: null, secret, claims }), waitUntil);
      if (verified.ok) keys.push(verified.value.key);
    }
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("tells callers apart by a key that is not the token", async () => {
    const { tokens } = verifier();
    const [one, two] = [await mint({ scope: "sets:read" }), await mint({ scope: "sets:write" })];
    const keys = [];
    for (const token of [one, two, one]) {
      const verified = await tokens.verify(token, waitUntil);
      if (verified.ok) keys.push(verified.value.key!);
    }
    expect(keys[0]).toBe(keys[2]);
    expect(keys[0]).not.toBe(keys[1]);
    expect(one).not.toContain(keys[0]);
  });
});

describe("many tokens", () => {
  it("are remembered up to a bound, and checked anew past it", async () => {
    const { clock, verify } = verifier();
    const first = await mint();
    await verify(first);
    for (let index = 0; index < 2_000; index++) await verify(await mint({ claims: { index } }));
    expect(clock.keysAsked).toBe(2_001);
    expect(await verify(first)).toBe(true);
    expect(clock.keysAsked).toBe(2_002);
  });

  it("a key source that can't tell is no fault of the token", async () => {
    const down: KeySource = {
      believedMsMax: 0,
      find: async () => ({ ok: false, problem: { code: "overloaded", detail: "Down." } }),
    };
    const verified = await new TokenVerifier({ keys: down }).verify(await mint(), waitUntil);
    expect(verified).toMatchObject({ ok: false, problem: { code: "overloaded" } });
    const none: KeySource = { believedMsMax: 0, find: async () => succeed([]) };
    const unknown = await new TokenVerifier({ keys: none }).verify(await mint(), waitUntil);
    expect(unknown).toMatchObject({ ok: false, problem: { code: "unauthorized", tokenRefused: true } });
  });
});
