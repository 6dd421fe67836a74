/** Where the keys come from by which tokens are checked. */
import type { Result } from "../../protocol/problem.ts";
import type { WaitUntil } from "../wait-until.ts";

/** A key and the one algorithm that it is for, so that no token can choose another for it. */
export interface VerificationKey {
  readonly algorithm: string;
  readonly key: CryptoKey;
}

export interface KeySource {
  /** How long a token that was found good is believed without asking for its key again. */
  readonly believedMsMax: number;

  /**
   * The keys that may have signed a token which names `algorithm` and `kid`; none if no key here did. A refusal means
   * that nobody can tell at the moment.
   */
  find(algorithm: string, kid: string | undefined, waitUntil: WaitUntil): Promise<Result<readonly VerificationKey[]>>;
}
