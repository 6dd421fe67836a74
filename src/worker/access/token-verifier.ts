/**
 * Finds out whether a token counts, and for what. What was found good is remembered until it expires, since checking a
 * signature costs as much as all the rest of a small request.
 *
 * A token counts as it was written and in no other spelling, and its holder is known by the part that is signed: who could
 * write one token in many ways would be many callers to whoever counts them.
 *
 * Past its `exp` a token is at once worth nothing, and sockets that it opened are closed; one without it ends with its key.
 * Clocks may differ by {@link SKEW_S} where a token is not valid yet.
 */
import { base64url, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { JWTPayload, JWTVerifyOptions } from "jose";
import { RecentMap } from "../../core/recent-map.ts";
import { sha256Hash64 } from "../../protocol/hash64.ts";
import { limits } from "../../protocol/limits.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { Grant } from "../../protocol/scopes.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { Caller } from "./caller.ts";
import type { KeySource, VerificationKey } from "./key-source.ts";

/** How far the clock of whoever makes the tokens may be ahead. */
export const SKEW_S = 30;

/** Tokens that are remembered: some megabytes, if they are as long as they may be. */
const REMEMBERED_MAX = 2_000;
const MS_PER_S = 1_000;

export interface TokenVerifierOptions {
  readonly keys: KeySource;
  /** What `iss` must say, if it matters. */
  readonly issuer?: string | undefined;
  /** What `aud` must name, if it matters. */
  readonly audience?: string | undefined;
  readonly nowMs?: () => number;
}

interface Remembered {
  readonly caller: Caller;
  readonly believedUntilMs: number;
}

export class TokenVerifier {
  readonly #keys: KeySource;
  readonly #nowMs: () => number;
  readonly #demands: JWTVerifyOptions;
  readonly #remembered = new RecentMap<string, Remembered>(REMEMBERED_MAX);

  constructor({ keys, issuer, audience, nowMs = Date.now }: TokenVerifierOptions) {
    this.#keys = keys;
    this.#nowMs = nowMs;
    this.#demands = {
      clockTolerance: SKEW_S,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    };
  }

  /** At once, where the token is remembered. */
  verify(token: string, waitUntil: WaitUntil): Result<Caller> | Promise<Result<Caller>> {
    const remembered = this.#remembered.get(token);
    const nowMs = this.#nowMs();
    if (remembered === undefined || nowMs >= remembered.believedUntilMs) return this.#check(token, waitUntil);
    return isOver(remembered.caller, nowMs) ? expired() : succeed(remembered.caller);
  }

  async #check(token: string, waitUntil: WaitUntil): Promise<Result<Caller>> {
    if (token.length > limits.tokenCharsMax) return refuseToken(`is longer than ${limits.tokenCharsMax} characters`);
    const header = readHeader(token);
    if (header === undefined) return refuseToken("is not a JWT");
    const keys = await this.#keys.find(header.algorithm, header.kid, waitUntil);
    if (!keys.ok) return keys;
    for (const key of keys.value) {
      const payload = await this.#payload(token, key);
      if (payload !== "other-key") return payload.ok ? this.#remember(token, payload.value) : payload;
    }
    return refuseToken("was not signed with a key of this server");
  }

  async #payload(token: string, { algorithm, key }: VerificationKey): Promise<Result<JWTPayload> | "other-key"> {
    try {
      const currentDate = new Date(this.#nowMs());
      const { payload } = await jwtVerify(token, key, { ...this.#demands, algorithms: [algorithm], currentDate });
      return succeed(payload);
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) return "other-key";
      return refusalOf(error);
    }
  }

  #remember(token: string, { exp, scope }: JWTPayload): Result<Caller> {
    const nowMs = this.#nowMs();
    const caller: Caller = {
      grant: new Grant(typeof scope === "string" ? scope : ""),
      expiresMs: exp === undefined ? undefined : exp * MS_PER_S,
      key: sha256Hash64(token.slice(0, token.lastIndexOf("."))).toString(16),
    };
    // The clock's tolerance is for tokens that are new, not for old ones.
    if (isOver(caller, nowMs)) return expired();
    this.#remembered.set(token, { caller, believedUntilMs: nowMs + this.#keys.believedMsMax });
    return succeed(caller);
  }
}

function isOver({ expiresMs = Infinity }: Caller, nowMs: number): boolean {
  return nowMs >= expiresMs;
}

/** Three parts in base64url. What is signed can't be spelt otherwise, so the signature alone is looked at closely. @throws if it is none */
function isCompact(token: string): boolean {
  const signature = /^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(token)?.[1];
  return signature !== undefined && base64url.encode(base64url.decode(signature)) === signature;
}

function readHeader(token: string): { readonly algorithm: string; readonly kid: string | undefined } | undefined {
  try {
    if (!isCompact(token)) return undefined;
    const { alg, kid } = decodeProtectedHeader(token);
    if (typeof alg !== "string" || (kid !== undefined && typeof kid !== "string")) return undefined;
    return { algorithm: alg, kid };
  } catch {
    return undefined;
  }
}

function refusalOf(error: unknown): Result<never> {
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) return refuseToken(claimDetail(error));
  if (error instanceof errors.JOSEError) return refuseToken("is not a JWT that counts here");
  throw error;
}

function claimDetail({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === "missing") return `has no ${claim}`;
  if (claim === "nbf") return "is not valid yet";
  if (claim === "iss" || claim === "aud") return `was made for something else: its ${claim} is not this server's`;
  return `has an ${claim} that makes no sense`;
}

function expired(): Result<never> {
  return refuseToken("has expired");
}

function refuseToken(why: string): Result<never> {
  return refuse("unauthorized", `The token ${why}.`, { tokenRefused: true });
}
