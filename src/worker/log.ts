/** The log: one line of JSON for each entry. Nothing that names a user, an element or a token may be put into it. */

/** Something that should not have happened. */
export function logError(error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  // oxlint-disable-next-line no-console -- the runtime's log is its console
  console.error(JSON.stringify({ level: "error", message, stack }));
}
