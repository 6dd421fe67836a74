import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { JWK } from "jose";
import { describe, expect, it } from "vitest";
import { COOLDOWN_MS, FRESH_MS_MAX, RemoteKeys, STALE_MS_MAX } from "../../../src/worker/access/remote-keys.ts";
import { TokenVerifier } from "../../../src/worker/access/token-verifier.ts";
import { mint } from "../support/tokens.ts";

interface Signer {
  readonly jwk: JWK;
  sign(header?: object): Promise<string>;
}

/** Whoever signs tokens elsewhere: a key pair of which the public half is given away. */
async function signer(algorithm: string, kid?: string, named = true): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }), ...(named && { alg: algorithm }) };
  return {
    jwk,
    sign: (header = {}) =>
      new SignJWT({ scope: "sets:read" })
        .setProtectedHeader({ alg: algorithm, ...(kid !== undefined && { kid }), ...header })
        .setExpirationTime("3h")
        .sign(privateKey),
  };
}

/** An address that answers with what the test puts there, and counts how often it is asked. */
function published(...jwks: readonly JWK[]) {
  const site = { keys: jwks, isDown: false, answer: undefined as string | undefined, asked: 0, nowMs: Date.now() };
  const keys = new RemoteKeys({
    url: "https://keys.example/jwks.json",
    fetch: async () => {
      site.asked += 1;
      if (site.isDown) throw new TypeError("no route");
      return new Response(site.answer ?? JSON.stringify({ keys: site.keys }), {
        status: site.answer === "" ? 500 : 200,
      });
    },
    nowMs: () => site.nowMs,
  });
  const tokens = new TokenVerifier({ keys, nowMs: () => site.nowMs });
  const verify = async (token: string): Promise<string> => {
    const verified = await tokens.verify(token, () => {});
    return verified.ok ? "accepted" : verified.problem.code;
  };
  return { site, verify };
}

describe("keys that are read from an address", () => {
  it.each(["RS256", "PS256", "ES256", "ES384", "EdDSA"])("[K8] check tokens of %s", async (algorithm) => {
    const [one, two, stranger] = [
      await signer(algorithm, "1"),
      await signer(algorithm, "2"),
      await signer(algorithm, "1"),
    ];
    const { site, verify } = published(one.jwk, two.jwk);
    expect(await verify(await one.sign())).toBe("accepted");
    expect(await verify(await two.sign())).toBe("accepted");
    expect(await verify(await stranger.sign())).toBe("unauthorized");
    expect(site.asked).toBe(1);
  });

  it("[K8] are for one algorithm each, and none of them is a secret", async () => {
    const rsa = await signer("RS256", "1", false);
    const { verify } = published(rsa.jwk, { kty: "oct", k: "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", kid: "oct" });
    expect(await verify(await rsa.sign())).toBe("accepted");
    // The public key as the secret of a symmetric algorithm: the confusion that this is about.
    const publicText = JSON.stringify(rsa.jwk);
    for (const algorithm of ["HS256", "HS384", "HS512"]) {
      expect(await verify(await mint({ scope: "admin", secret: publicText, kid: "1", algorithm }))).toBe(
        "unauthorized",
      );
    }
    const secret = "secretsecretsecretsecretsecret";
    expect(await verify(await mint({ scope: "admin", secret, kid: "oct" }))).toBe("unauthorized");
    const named = published({ ...rsa.jwk, alg: "RS512" });
    expect(await named.verify(await rsa.sign())).toBe("unauthorized");
    const confused = published({ ...rsa.jwk, alg: "HS256" });
    expect(await confused.verify(await mint({ scope: "admin", secret: publicText, kid: "1" }))).toBe("unauthorized");
  });

  it("[K8] for other uses don't count, nor do private ones", async () => {
    const one = await signer("ES256", "1");
    expect(await published({ ...one.jwk, use: "enc" }).verify(await one.sign())).toBe("unauthorized");
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const secret = { ...(await exportJWK(privateKey)), kid: "1" };
    expect(await published(secret, one.jwk).verify(await one.sign())).toBe("accepted");
  });

  it("[K8] needn't be named while there is one of a kind", async () => {
    const [one, two] = [await signer("ES256"), await signer("ES256")];
    expect(await published(one.jwk).verify(await one.sign())).toBe("accepted");
    expect(await published(one.jwk, two.jwk).verify(await one.sign())).toBe("unauthorized");
  });

  it("are read again for a key they don't know, but not whenever somebody makes one up", async () => {
    const [one, two] = [await signer("ES256", "1"), await signer("ES256", "2")];
    const { site, verify } = published(one.jwk);
    expect(await verify(await one.sign())).toBe("accepted");
    site.keys = [one.jwk, two.jwk];
    // They were read just now.
    expect(await verify(await two.sign())).toBe("unauthorized");
    site.nowMs += COOLDOWN_MS;
    expect(await verify(await two.sign())).toBe("accepted");
    expect(site.asked).toBe(2);
    site.nowMs += COOLDOWN_MS;
    for (let made = 0; made < 10; made++) {
      expect(await verify(await two.sign({ kid: `made-up-${made}` }))).toBe("unauthorized");
    }
    expect(site.asked).toBe(3);
  });

  it("that were taken back count no longer once they are read again", async () => {
    const [one, two] = [await signer("ES256", "1"), await signer("ES256", "2")];
    const { site, verify } = published(one.jwk);
    const token = await one.sign();
    expect(await verify(token)).toBe("accepted");
    site.keys = [two.jwk];
    site.nowMs += FRESH_MS_MAX - 1;
    expect(await verify(token)).toBe("accepted");
    site.nowMs += 2;
    expect(await verify(token)).toBe("unauthorized");
  });

  it("go on for a while when they can't be read, and past that nobody is blamed", async () => {
    const one = await signer("ES256", "1");
    const { site, verify } = published(one.jwk);
    expect(await verify(await one.sign())).toBe("accepted");
    site.isDown = true;
    site.nowMs += FRESH_MS_MAX + 1;
    const fresh = () => one.sign({ jti: String(site.nowMs) });
    expect(await verify(await fresh())).toBe("accepted");
    expect(await verify(await fresh())).toBe("accepted");
    expect(site.asked).toBe(2);
    site.nowMs += STALE_MS_MAX;
    expect(await verify(await fresh())).toBe("overloaded");
    site.isDown = false;
    site.nowMs += COOLDOWN_MS;
    expect(await verify(await one.sign())).toBe("accepted");
  });

  it.each([
    ["an error", ""],
    ["no JSON", "<html>"],
    ["no keys", "{}"],
    ["no list", `{"keys":7}`],
    ["a list of something else", `{"keys":[7]}`],
    ["more than a server has", `{"keys":[${'{"kty":"RSA"},'.repeat(100)}{"kty":"RSA"}]}`],
  ])("that are %s are as good as none", async (_, answer) => {
    const one = await signer("ES256", "1");
    const { site, verify } = published(one.jwk);
    site.answer = answer;
    expect(await verify(await one.sign())).toBe("overloaded");
    expect(await verify(await one.sign())).toBe("overloaded");
    expect(site.asked).toBe(1);
    site.answer = undefined;
    site.nowMs += COOLDOWN_MS;
    expect(await verify(await one.sign())).toBe("accepted");
  });

  it("are read once for all who ask at the same time", async () => {
    const one = await signer("ES256", "1");
    const { site, verify } = published(one.jwk);
    const tokens = await Promise.all(Array.from({ length: 5 }, (_, jti) => one.sign({ jti: String(jti) })));
    expect(await Promise.all(tokens.map(verify))).toEqual(Array(5).fill("accepted"));
    expect(site.asked).toBe(1);
  });
});
