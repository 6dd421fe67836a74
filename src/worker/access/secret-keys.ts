/**
 * The keys of a server that signs its tokens with a secret: HS256, and nothing else. Two secrets count at once while one
 * replaces the other; a token's `kid` may say which of them signed it, and is a hint: any other is tried with each.
 */
import { keyId } from "../../protocol/key-id.ts";
import { succeed } from "../../protocol/problem.ts";
import type { Result } from "../../protocol/problem.ts";
import type { KeySource, VerificationKey } from "./key-source.ts";

const ALGORITHM = "HS256";

interface SecretKey {
  readonly kid: string;
  readonly secret: string;
  /** Once it was imported. Two requests may both import it, for neither may wait for the other. */
  imported?: VerificationKey;
}

export class SecretKeys implements KeySource {
  /** They change only together with everything else. */
  readonly believedMsMax = Infinity;
  readonly #keys: readonly SecretKey[];

  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) => ({ kid: keyId(secret), secret }));
  }

  async find(algorithm: string, kid: string | undefined): Promise<Result<readonly VerificationKey[]>> {
    if (algorithm !== ALGORITHM) return succeed([]);
    const named = this.#keys.filter((key) => key.kid === kid);
    const found: VerificationKey[] = [];
    for (const key of named.length === 0 ? this.#keys : named) {
      found.push((key.imported ??= await importSecret(key.secret)));
    }
    return succeed(found);
  }
}

async function importSecret(secret: string): Promise<VerificationKey> {
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  return { algorithm: ALGORITHM, key };
}
