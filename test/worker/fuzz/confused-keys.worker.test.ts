/**
 * Tokens for a server that reads public keys: signed with what everyone knows of a key, with another key, with the right one
 * by the wrong name, or by nobody. One counts if and only if who has the private key signed it as what it is.
 */
import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { RemoteKeys } from "../../../src/worker/access/remote-keys.ts";
import { TokenVerifier } from "../../../src/worker/access/token-verifier.ts";
import { explore, FUZZ_TIMEOUT_MS } from "./fuzz-budget.ts";

const RUNS = 1_000;
const encoder = new TextEncoder();

/** By the algorithm that each key is for, which is its `kid` too. */
const KINDS = {
  RS256: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2_048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
} as const;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

interface Signer {
  readonly pair: CryptoKeyPair;
  /** All that can be known of it, as somebody might use it for a secret. */
  readonly known: readonly BufferSource[];
}

const genuine = new Map<Kind, Signer>();
const strangers = new Map<Kind, Signer>();
let verifier: TokenVerifier;

async function signer(kind: Kind): Promise<readonly [Signer, object]> {
  const pair = (await crypto.subtle.generateKey(KINDS[kind], true, ["sign", "verify"])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey("jwk", pair.publicKey)) as JsonWebKey;
  const spki = new Uint8Array((await crypto.subtle.exportKey("spki", pair.publicKey)) as ArrayBuffer);
  const base64 = btoa(String.fromCharCode(...spki));
  const pem = `-----BEGIN PUBLIC KEY-----\n${base64.replaceAll(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`;
  const published = { kty: jwk.kty, n: jwk.n, e: jwk.e, crv: jwk.crv, x: jwk.x, y: jwk.y, kid: kind, alg: kind };
  const texts = [pem, pem.trim(), base64, JSON.stringify(published), JSON.stringify(jwk), jwk.n ?? jwk.x ?? "", kind];
  return [{ pair, known: [spki, ...texts.map((text) => encoder.encode(text))] }, published];
}

beforeAll(async () => {
  const keys: object[] = [];
  for (const kind of kinds) {
    const [mine, published] = await signer(kind);
    genuine.set(kind, mine);
    keys.push(published);
    strangers.set(kind, (await signer(kind))[0]);
  }
  const answer = JSON.stringify({ keys });
  const remote = new RemoteKeys({ url: "https://keys.example/jwks.json", fetch: async () => new Response(answer) });
  verifier = new TokenVerifier({ keys: remote });
});

function base64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Who signs: the owner of a key or a stranger, or anyone with what is known of it. */
type By =
  | { readonly who: "owner" | "stranger"; readonly kind: Kind }
  | { readonly who: "anyone"; readonly knowing: number };

interface Confusion {
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly more: object;
  readonly of: Kind;
  readonly by: By;
  readonly hash: string;
}

const confusions: fc.Arbitrary<Confusion> = fc.record({
  algorithm: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<string>(...kinds) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("HS256", "HS384", "HS512", "none", "", "PS256", "ES384", "RS512", "Ed25519"),
    },
  ),
  kid: fc.constantFrom(...kinds, undefined, undefined, "other"),
  more: fc.constantFrom(
    {},
    {},
    { jku: "https://strangers.example" },
    { jwk: { kty: "oct", k: "AAAA" } },
    { typ: "JWT" },
  ),
  of: fc.constantFrom(...kinds),
  by: fc.oneof(
    fc.record({ who: fc.constantFrom("owner", "owner", "stranger"), kind: fc.constantFrom(...kinds) }),
    fc.record({ who: fc.constant("anyone" as const), knowing: fc.nat(8) }),
  ),
  hash: fc.constantFrom("SHA-256", "SHA-384", "SHA-512"),
});

async function sign({ by, of, hash }: Confusion, text: string): Promise<Uint8Array> {
  const bytes = encoder.encode(text);
  if (by.who === "anyone") {
    const { known } = genuine.get(of)!;
    const secret = known[by.knowing];
    if (secret === undefined) return new Uint8Array(0);
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));
  }
  const { pair } = (by.who === "owner" ? genuine : strangers).get(by.kind)!;
  return new Uint8Array(await crypto.subtle.sign(KINDS[by.kind], pair.privateKey, bytes));
}

/** Ed25519 is EdDSA by its newer name, which the key is not for. */
function counts({ algorithm, kid, by }: Confusion): boolean {
  return by.who === "owner" && algorithm === by.kind && (kid === by.kind || kid === undefined);
}

const met = { counted: 0, refused: 0 };

it("[K8] no key is taken for another, or for a secret", { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const property = fc.asyncProperty(confusions, async (confusion) => {
    const { algorithm, kid, more } = confusion;
    const header = encoder.encode(JSON.stringify({ alg: algorithm, ...(kid !== undefined && { kid }), ...more }));
    const signed = `${base64Url(header)}.${base64Url(encoder.encode('{"scope":"admin"}'))}`;
    const token = `${signed}.${base64Url(await sign(confusion, signed))}`;
    const verified = await verifier.verify(token, () => {});
    expect(verified.ok).toBe(counts(confusion));
    if (verified.ok) met.counted += 1;
    else {
      met.refused += 1;
      expect(verified.problem).toMatchObject({ code: "unauthorized", tokenRefused: true });
    }
  });
  await explore(property, RUNS, 1);
  expect(Math.min(met.counted, met.refused)).toBeGreaterThan(10);
});
