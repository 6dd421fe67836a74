/**
 * Tokens from right to hopeless, as recipes: what stands in them, who signs them and how, and what happens to them on the
 * way. Whether one counts is for `token-oracle.ts` to say, which never sees the token itself.
 */
import * as fc from "fast-check";
import { keyId } from "../../../src/protocol/key-id.ts";
import { OTHER_SECRET, SECRET } from "../support/tokens.ts";
import { scopeClaims } from "./fuzzed-scopes.ts";
import { hostileValue, toJson } from "./hostile-values.ts";

export const STRANGERS_SECRET = "a secret of somebody else, who would like to come in";
export const ISSUER = "https://issuer.example";
export const AUDIENCE = "weir";

export type Hash = "SHA-256" | "SHA-384" | "SHA-512";

export interface TokenRecipe {
  /** JSON, or what should have been. */
  readonly header: string;
  readonly payload: string | Uint8Array<ArrayBuffer>;
  readonly secret: string;
  readonly hash: Hash;
  readonly damage: Damage;
}

/** What becomes of the three parts of a token after it was signed. */
export type Damage = keyof typeof damages;
type Parts = readonly [header: string, payload: string, signature: string];

const damages = {
  none: (parts: Parts) => parts.join("."),
  unsigned: ([header, payload]: Parts) => `${header}.${payload}.`,
  "cut before the signature": ([header, payload]: Parts) => `${header}.${payload}`,
  "cut within the signature": (parts: Parts) => parts.join(".").slice(0, -2),
  "of four parts": (parts: Parts) => `${parts.join(".")}.${parts[2]}`,
  "of five parts": (parts: Parts) => `${parts.join(".")}.a.b`,
  "of a thousand parts": (parts: Parts) => parts.join(".") + ".a".repeat(1_000),
  "of empty parts": () => "..",
  "led by a dot": (parts: Parts) => `.${parts.join(".")}`,
  "turned around": ([header, payload, signature]: Parts) => `${signature}.${payload}.${header}`,
  "with its header twice": ([header, , signature]: Parts) => `${header}.${header}.${signature}`,
  "another header": (parts: Parts) => changed(parts, 0),
  "another payload": (parts: Parts) => changed(parts, 1),
  "another signature": (parts: Parts) => changed(parts, 2),
  "with padding": (parts: Parts) => `${parts.join(".")}=`,
  "with a space in its signature": (parts: Parts) => inSignature(parts, " "),
  "with a tab in its signature": (parts: Parts) => inSignature(parts, "\t"),
  "with a dash too many in its signature": (parts: Parts) => inSignature(parts, "-"),
  "with other bits behind its end": (parts: Parts) => afterEnd(parts.join(".")),
  "in the other alphabet": (parts: Parts) => `${parts.join(".").replaceAll("-", "+").replaceAll("_", "/")}=`,
  "with a space in it": ([header, payload, signature]: Parts) => `${header}. ${payload}.${signature}`,
  "with what base64 has none of": ([header, payload, signature]: Parts) => `${header}.!${payload}.${signature}`,
  "of another's claims": ([header, , signature]: Parts) => `${header}.${base64Url('{"scope":"admin"}')}.${signature}`,
  "no token at all": () => "guess",
  empty: () => "",
} satisfies Readonly<Record<string, (parts: Parts) => string>>;

/** In its middle, where each character counts whole. */
function changed(parts: Parts, index: number): string {
  const copy = [...parts];
  const part = copy[index] ?? "";
  const at = part.length >> 1;
  copy[index] = part.slice(0, at) + (part[at] === "A" ? "B" : "A") + part.slice(at + 1);
  return copy.join(".");
}

function inSignature([header, payload, signature]: Parts, text: string): string {
  return `${header}.${payload}.${signature.slice(0, 5)}${text}${signature.slice(5)}`;
}

/** 43 characters hold two bits more than 32 bytes have; 22 of 16 bytes hold four. */
function afterEnd(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.slice(0, -1) + (alphabet[alphabet.indexOf(token.at(-1) ?? "") ^ 1] ?? "");
}

function base64Url(text: string | Uint8Array<ArrayBuffer>): string {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export async function bake({ header, payload, secret, hash, damage }: TokenRecipe): Promise<string> {
  const signed = `${base64Url(header)}.${base64Url(payload)}`;
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(signed)));
  return damages[damage]([base64Url(header), base64Url(payload), base64Url(signature)]);
}

/** Claims as JSON, so that any key may come twice, and numbers may be ones that JavaScript has not. */
type Pairs = readonly (readonly [key: string, json: string])[];

function object(pairs: Pairs): string {
  return `{${pairs.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}

const odd: fc.Arbitrary<string> = hostileValue.map(toJson).filter((json) => json !== "" && json.length < 10_000);

const algorithms = fc.constantFrom(
  "none",
  "None",
  "NONE",
  "HS384",
  "HS512",
  "RS256",
  "ES256",
  "EdDSA",
  "PS256",
  "hs256",
  "HS256 ",
  "",
  "dir",
);

const kids = fc.constantFrom(
  keyId(SECRET),
  keyId(OTHER_SECRET),
  keyId(STRANGERS_SECRET),
  "",
  "../../dev/null",
  "k".repeat(3_000),
  "\u0000",
);

const usualHeaders: fc.Arbitrary<Pairs> = fc
  .option(kids)
  .map((kid) => [["alg", '"HS256"'], ...(kid === null ? [] : [["kid", JSON.stringify(kid)] as const])]);

const headerOddities: fc.Arbitrary<Pairs> = fc.oneof(
  algorithms.map((algorithm) => [["alg", JSON.stringify(algorithm)]] as const),
  odd.map((json) => [["alg", json]] as const),
  odd.map((json) => [["kid", json]] as const),
  fc.constantFrom<Pairs>(
    [
      ["alg", '"none"'],
      ["alg", '"HS256"'],
    ],
    [["crit", '["exp"]']],
    [["crit", "[]"]],
    [["crit", '"b64"']],
    [
      ["b64", "false"],
      ["crit", '["b64"]'],
    ],
    [["b64", "false"]],
    [["typ", '"JWE"']],
    [["typ", "7"]],
    [["cty", '"JWT"']],
    [["zip", '"DEF"']],
    [["jwk", '{"kty":"oct","k":"AA"}']],
    [["jku", '"http://127.0.0.1:1/keys"']],
    [["x5u", '"http://127.0.0.1:1/cert"']],
    [["enc", '"A256GCM"']],
    [["__proto__", '{"alg":"HS256"}']],
    [["constructor", "null"]],
  ),
);

const headers: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: usualHeaders.map(object) },
  { weight: 4, arbitrary: fc.tuple(usualHeaders, headerOddities).map(([usual, more]) => object([...usual, ...more])) },
  { weight: 1, arbitrary: fc.oneof(odd, fc.constantFrom("{}", "", "{", "[]", "null", '"HS256"', '{"alg":"HS256"')) },
);

/** In seconds from now, and so far from what decides that it makes no difference when exactly that is. */
const MINUTES = [-600_000, -60, 60, 6_000];

const ABSURD_TIMES = "0 -0 -1 1e999 -1e999 1e300 1e-300 8640000000000 8640000000001 9007199254740993 null true"
  .concat(' "soon" [4000000000] {"valueOf":4000000000}')
  .split(" ");

function times(nowS: number): fc.Arbitrary<string> {
  const near = fc.constantFrom(...MINUTES.map((minutes) => String(nowS + minutes * 60)));
  const absurd = fc.constantFrom(...ABSURD_TIMES, `"${nowS + 3_600}"`, `${nowS + 3_600}.5`);
  return fc.oneof(near, near, absurd);
}

const RIGHT: Pairs = [
  ["iss", JSON.stringify(ISSUER)],
  ["aud", JSON.stringify(AUDIENCE)],
];

/** What else stands in a token, most of it of no use to anyone. */
function oddClaims(nowS: number): fc.Arbitrary<Pairs> {
  const wrong = fc.oneof(
    fc.tuple(fc.constantFrom("exp", "nbf", "iat"), times(nowS)).map((pair): Pairs => [pair]),
    fc
      .tuple(
        fc.constantFrom("iss", "aud"),
        fc.oneof(odd, fc.constantFrom('["weir"]', '["a",7,"weir"]', "[]", '"weir "')),
      )
      .map((pair): Pairs => [pair]),
    fc
      .tuple(fc.constantFrom("sub", "jti", "scp", "scopes", "__proto__", "toString", "admin"), odd)
      .map((pair): Pairs => [pair]),
    fc.constant<Pairs>([["__proto__", '{"scope":"admin"}']]),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<Pairs>([]) },
    { weight: 3, arbitrary: wrong },
    { weight: 1, arbitrary: fc.tuple(wrong, wrong).map((pairs) => pairs.flat()) },
  );
}

/** Tokens that count, and are for this or that. */
function soundTokens(ownScopes: readonly string[]): fc.Arbitrary<TokenRecipe> {
  const justOwn = fc.subarray([...ownScopes]).map((scopes) => [JSON.stringify(scopes.join(" "))]);
  return fc.oneof(scopeClaims(ownScopes), justOwn).map((scopes) => ({
    header: '{"alg":"HS256"}',
    payload: object([...RIGHT, ...scopes.map((json) => ["scope", json] as const)]),
    secret: SECRET,
    hash: "SHA-256",
    damage: "none",
  }));
}

/**
 * @param nowS seconds since the Unix epoch, on the server's clock
 * @param ownScopes those that matter where the tokens are going
 */
export function tokensAt(nowS: number, ownScopes: readonly string[] = []): fc.Arbitrary<TokenRecipe> {
  const lasting = fc.constant<Pairs>([["exp", String(nowS + 3_600)]]);
  const wholes = fc
    .tuple(fc.option(lasting, { nil: [] }), scopeClaims(ownScopes), oddClaims(nowS))
    .map(([lasts, scopes, more]) => {
      return object([...RIGHT, ...lasts, ...scopes.map((json) => ["scope", json] as const), ...more]);
    });
  const encoder = new TextEncoder();
  const payloads = fc.oneof(
    { weight: 20, arbitrary: wholes },
    { weight: 1, arbitrary: fc.oneof(odd, fc.constantFrom("", "{", "[]", "null", '"admin"', "7")) },
    { weight: 1, arbitrary: wholes.map((text) => new Uint8Array([...encoder.encode(text.slice(0, -1)), 0xff, 125])) },
  );
  const names = Object.keys(damages) as Damage[];
  const any = fc.record({
    header: headers,
    payload: payloads,
    secret: mostly(SECRET, fc.constantFrom(OTHER_SECRET, STRANGERS_SECRET, `${SECRET} `, "a")),
    hash: mostly<Hash>("SHA-256", fc.constantFrom("SHA-384", "SHA-512")),
    damage: mostly<Damage>("none", fc.constantFrom(...names)),
  });
  return fc.oneof({ weight: 2, arbitrary: any }, { weight: 1, arbitrary: soundTokens(ownScopes) });
}

function mostly<T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}
