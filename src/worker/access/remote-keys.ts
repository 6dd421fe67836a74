/**
 * The keys of whoever signs the tokens for this server, read from their JWKS (RFC 7517) and kept for a while.
 *
 * - Each key is good for one algorithm, the one it names or the usual one of its kind, and that is never a symmetric one.
 * - A token that names an unknown key makes the keys be read again, for they may have changed, but not more often than
 *   every {@link COOLDOWN_MS}: anyone can make up a name.
 * - While the keys can't be read, those from before go on for {@link STALE_MS_MAX}. Past that nobody can tell whether a
 *   token is good, which is not the caller's fault: 503.
 */
import { importJWK } from "jose";
import * as v from "valibot";
import { refuseForNow, succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import { logError } from "../log.ts";
import { SingleFlight } from "../single-flight.ts";
import type { WaitUntil } from "../wait-until.ts";
import type { KeySource, VerificationKey } from "./key-source.ts";

/** How long keys are believed without reading them again. One that was taken back is believed so long, at most. */
export const FRESH_MS_MAX = 600_000;
export const STALE_MS_MAX = 3_600_000;
/** Between two readings that somebody's token asks for, and after one that failed. */
export const COOLDOWN_MS = 5_000;
const FETCH_TIMEOUT_MS = 5_000;
const KEYS_MAX = 100;

const JwkSchema = v.looseObject({
  kty: v.string(),
  crv: v.exactOptional(v.string()),
  kid: v.exactOptional(v.string()),
  alg: v.exactOptional(v.string()),
  use: v.exactOptional(v.string()),
});
type Jwk = v.InferOutput<typeof JwkSchema>;
const JwksSchema = v.object({ keys: v.pipe(v.array(JwkSchema), v.maxLength(KEYS_MAX)) });

/** By the kind of key: what it may be for; the first unless it says. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  RSA: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "EC P-256": ["ES256"],
  "EC P-384": ["ES384"],
  "EC P-521": ["ES512"],
  "OKP Ed25519": ["EdDSA", "Ed25519"],
};

interface RemoteKey extends VerificationKey {
  readonly kid: string | undefined;
}

interface KeySet {
  readonly keys: readonly RemoteKey[];
  readonly readMs: number;
}

export interface RemoteKeysOptions {
  readonly url: string;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly nowMs?: () => number;
}

export class RemoteKeys implements KeySource {
  readonly believedMsMax = FRESH_MS_MAX;
  readonly #options: Required<RemoteKeysOptions>;
  readonly #flight = new SingleFlight<KeySet>();
  #set: KeySet | undefined;
  #triedMs = -Infinity;

  constructor({
    url,
    fetch: fetchWith = (address, init) => fetch(address, init),
    nowMs = Date.now,
  }: RemoteKeysOptions) {
    this.#options = { url, fetch: fetchWith, nowMs };
  }

  async find(
    algorithm: string,
    kid: string | undefined,
    waitUntil: WaitUntil,
  ): Promise<Result<readonly VerificationKey[]>> {
    const known = this.#set;
    const ageMs = known === undefined ? Infinity : this.#options.nowMs() - known.readMs;
    if (known !== undefined && ageMs <= FRESH_MS_MAX) {
      const found = matching(known, algorithm, kid);
      if (found.length > 0 || kid === undefined || this.#isCooling) return succeed(found);
    }
    if (!this.#isCooling) {
      const read = await this.#flight.run("", () => this.#read(), waitUntil);
      if (read.ok) return succeed(matching(read.value, algorithm, kid));
    }
    if (known !== undefined && ageMs <= STALE_MS_MAX) return succeed(matching(known, algorithm, kid));
    const detail = "The keys that tokens are checked with can't be read at the moment.";
    return refuseForNow(detail, COOLDOWN_MS / 1000);
  }

  get #isCooling(): boolean {
    return this.#options.nowMs() - this.#triedMs < COOLDOWN_MS;
  }

  async #read(): Promise<Result<KeySet>> {
    try {
      const keys = await importKeys(await this.#fetch());
      this.#set = { keys, readMs: this.#options.nowMs() };
      return succeed(this.#set);
    } catch (error) {
      logError(error);
      return refuseForNow("The keys could not be read.");
    } finally {
      this.#triedMs = this.#options.nowMs();
    }
  }

  async #fetch(): Promise<readonly Jwk[]> {
    const { url, fetch: fetchWith } = this.#options;
    // Where the keys are is for whoever runs the server to say, not for the server there.
    const response = await fetchWith(url, {
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    if (response.status !== 200) throw new Error(`AUTH_JWKS_URL answered ${response.status}`);
    const parsed = v.safeParse(JwksSchema, await response.json());
    if (!parsed.success) throw new Error("What AUTH_JWKS_URL answered is no JWKS");
    return parsed.output.keys;
  }
}

/** A token that names no key can only be of the one key that there is for its algorithm. */
function matching({ keys }: KeySet, algorithm: string, kid: string | undefined): readonly VerificationKey[] {
  const candidates = keys.filter((key) => key.algorithm === algorithm && (kid === undefined || key.kid === kid));
  return kid === undefined && candidates.length > 1 ? [] : candidates;
}

/** Keys of other kinds and for other uses are passed over, and so is one that can't be imported. */
async function importKeys(jwks: readonly Jwk[]): Promise<readonly RemoteKey[]> {
  const keys: RemoteKey[] = [];
  for (const jwk of jwks) {
    const possible = ALGORITHMS[jwk.crv === undefined ? jwk.kty : `${jwk.kty} ${jwk.crv}`] ?? [];
    const algorithm = jwk.alg === undefined ? possible[0] : possible.find((each) => each === jwk.alg);
    if (algorithm === undefined || (jwk.use !== undefined && jwk.use !== "sig")) continue;
    try {
      const key = await importJWK(jwk, algorithm);
      if (!(key instanceof Uint8Array) && key.type === "public") keys.push({ kid: jwk.kid, algorithm, key });
    } catch (error) {
      logError(error);
    }
  }
  return keys;
}
