/** What a token's `kid` says of the secret that signed it: which one, and nothing by which it could be found out. */
import { sha256Hash64 } from "./hash64.ts";

/**
 * A hash of `secret`, short since it only has to tell two apart. A secret that can't be guessed can't be found from it;
 * one that can be guessed could be found from any token's signature as well.
 */
export function keyId(secret: string): string {
  return sha256Hash64(`weir-kid\0${secret}`).toString(16).padStart(16, "0").slice(0, 8);
}
