/** Makes the tokens that a server with a secret takes. */
import { SignJWT } from "jose";
import { keyId } from "../../protocol/key-id.ts";

export interface TokenOptions {
  readonly secret: string;
  readonly scopes: readonly string[];
  readonly expiresMs: number;
  /** Whose it is, for whoever keeps the tokens; the server doesn't care. */
  readonly subject?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
}

export function mintToken({ secret, scopes, expiresMs, subject, issuer, audience }: TokenOptions): Promise<string> {
  const token = new SignJWT({ scope: scopes.join(" ") })
    .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: keyId(secret) })
    .setIssuedAt()
    .setExpirationTime(Math.floor(expiresMs / 1000));
  if (subject !== undefined) token.setSubject(subject);
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}
