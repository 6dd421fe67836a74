/** Connections that end with the token by which they were opened, whatever they are for. */
export interface Expiring {
  /** In milliseconds since the Unix epoch; `undefined` if it doesn't end. */
  readonly expiresMs?: number | undefined;
}

/** What its client is told. */
export const EXPIRED_REASON = "the token has expired";

export function hasExpired({ expiresMs }: Expiring): boolean {
  return expiresMs !== undefined && Date.now() >= expiresMs;
}

/** When the first of them ends; `undefined` if none does. */
export function earliest(connections: Iterable<Expiring>): number | undefined {
  let firstMs = Infinity;
  for (const { expiresMs } of connections) if (expiresMs !== undefined && expiresMs < firstMs) firstMs = expiresMs;
  return firstMs === Infinity ? undefined : firstMs;
}
