/**
 * What must become of a token, from what is documented in docs/protocol.md under Access and from nothing in `src/worker`: from
 * how it was made, not from the token itself. Slow and simple.
 */
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { keyId } from "../../../src/protocol/key-id.ts";
import { actionsOf, namesOf } from "../support/sample-requests.ts";
import { OTHER_SECRET, SECRET } from "../support/tokens.ts";
import { AUDIENCE, ISSUER } from "./fuzzed-tokens.ts";
import type { TokenRecipe } from "./fuzzed-tokens.ts";

const TOKEN_CHARS_MAX = 8_192;
const SKEW_S = 30;

type Json = Readonly<Record<string, unknown>>;

/** The scopes of a token that counts, as one text; `undefined` for one that doesn't. */
export function countedScope(recipe: TokenRecipe, chars: number, nowS: number): string | undefined {
  const { header, payload, secret, hash, damage } = recipe;
  if (damage !== "none" || chars > TOKEN_CHARS_MAX || hash !== "SHA-256") return undefined;
  const head = jsonObject(header);
  if (head === undefined || own(head, "alg") !== "HS256" || own(head, "crit") !== undefined) return undefined;
  const kid = own(head, "kid");
  if (kid !== undefined && typeof kid !== "string") return undefined;
  const named = [SECRET, OTHER_SECRET].filter((known) => keyId(known) === kid);
  if (!(named.length === 0 ? [SECRET, OTHER_SECRET] : named).includes(secret)) return undefined;
  const claims = typeof payload === "string" ? jsonObject(payload) : undefined;
  if (claims === undefined || !isInItsTime(claims, nowS)) return undefined;
  if (own(claims, "iss") !== ISSUER || ![own(claims, "aud")].flat().includes(AUDIENCE)) return undefined;
  const scope = own(claims, "scope");
  return typeof scope === "string" ? scope : "";
}

function isInItsTime(claims: Json, nowS: number): boolean {
  for (const key of ["exp", "nbf", "iat"]) {
    if (own(claims, key) !== undefined && typeof own(claims, key) !== "number") return false;
  }
  return Number(own(claims, "exp") ?? Infinity) > nowS && Number(own(claims, "nbf") ?? 0) <= nowS + SKEW_S;
}

function own(value: Json, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function jsonObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** What the access table says of the sample request of an endpoint. @param scope `undefined` without a token that counts */
export function statusFor(endpoint: Endpoint, scope: string | undefined): 401 | 403 | "served" {
  if (endpoint.access.kind === "public") return "served";
  if (scope === undefined) return 401;
  if (isAdmin(scope)) return "served";
  const needed = actionsOf(endpoint);
  const isCovered = needed.every(([feature, action]) => covers(scope, feature, action, namesOf(endpoint, action)));
  return needed.length > 0 && isCovered ? "served" : 403;
}

function isAdmin(scope: string): boolean {
  return scope.split(" ").includes("admin");
}

export function covers(scope: string, feature: string, action: string, names: readonly string[]): boolean {
  if (isAdmin(scope)) return true;
  const isSaid = scope.split(" ").some((word) => {
    const kind = `${feature}:${action}`;
    if (word === kind) return true;
    return word.startsWith(`${kind}:`) && isNamed(word.slice(kind.length + 1), names);
  });
  return isSaid || (feature === "streams" && action === "follow" && covers(scope, feature, "read", names.slice(0, 1)));
}

function isNamed(written: string, names: readonly string[]): boolean {
  const isOpen = written.endsWith("*");
  const text = isOpen ? written.slice(0, -1) : written;
  const parts = (names.length === 2 ? text.split("/") : [text]).map(decoded);
  if (parts.length > names.length || parts.includes(undefined)) return false;
  if (!isOpen) return parts.length === names.length && parts.every((part, at) => part !== "" && part === names[at]);
  const last = parts.length - 1;
  return parts.every((part, at) => (at < last ? part !== "" && part === names[at] : names[at]?.startsWith(part ?? "")));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
