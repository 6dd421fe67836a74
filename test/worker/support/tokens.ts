/** Tokens as a server with a secret takes them, and whatever may be wrong with one. */
import { SignJWT } from "jose";
import { keyId } from "../../../src/protocol/key-id.ts";

export const SECRET = "the secret of the tests, long enough to count";
export const OTHER_SECRET = "another secret of the tests, just as long as that";

export interface TokenParts {
  readonly scope?: string;
  /** Seconds from now; a token without is `null`. */
  readonly expiresInS?: number | null;
  readonly secret?: string;
  readonly algorithm?: string;
  /** By default that of the secret; `null` for none. */
  readonly kid?: string | null;
  readonly claims?: Readonly<Record<string, unknown>>;
}

export async function mint({
  scope = "",
  expiresInS = 600,
  secret = SECRET,
  algorithm = "HS256",
  kid = keyId(secret),
  claims = {},
}: TokenParts = {}): Promise<string> {
  const expires = expiresInS === null ? {} : { exp: Math.floor(Date.now() / 1000) + expiresInS };
  return new SignJWT({ scope, ...expires, ...claims })
    .setProtectedHeader({ alg: algorithm, ...(kid !== null && { kid }) })
    .sign(new TextEncoder().encode(secret));
}

/** A token that says of itself that nobody signed it. */
export function unsigned(claims: object): string {
  const part = (value: object): string => btoa(JSON.stringify(value)).replaceAll("=", "");
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

/** Tokens with these scopes that count for nothing, by what is wrong with each. */
export async function badTokens(scope: string): Promise<Readonly<Record<string, string>>> {
  const [header = "", payload = "", signature = ""] = (await mint({ scope })).split(".");
  const [, otherPayload = ""] = (await mint({ scope: `${scope} sets:read` })).split(".");
  return {
    "no JWT": "guess",
    "nothing at all": "",
    expired: await mint({ scope, expiresInS: -1 }),
    "not valid yet": await mint({ scope, claims: { nbf: Math.floor(Date.now() / 1000) + 120 } }),
    "of another secret": await mint({ scope, secret: OTHER_SECRET }),
    "of another secret, without a kid": await mint({ scope, secret: OTHER_SECRET, kid: null }),
    "of another secret, with this one's kid": await mint({ scope, secret: OTHER_SECRET, kid: keyId(SECRET) }),
    "of another algorithm": await mint({ scope, algorithm: "HS512" }),
    "signed by nobody": unsigned({ scope, exp: 4e9 }),
    "without its signature": `${header}.${payload}.`,
    "with another's claims": `${header}.${otherPayload}.${signature}`,
  };
}
