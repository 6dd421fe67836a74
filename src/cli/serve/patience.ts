/** A server that was just killed may take a moment to be gone, and to let go of what the next one needs. */
const PATIENCE_MS = 3_000;
const RETRY_MS = 50;

/** Tries until there is something, or too long; then there is `undefined`. */
export async function patiently<T>(attempt: () => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
  for (const giveUpMs = performance.now() + PATIENCE_MS; ;) {
    const got = await attempt();
    if (got !== undefined || performance.now() > giveUpMs) return got;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
