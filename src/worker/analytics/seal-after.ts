/** How long a slice keeps its pseudonyms after the later of its end and its last event. */
import type { Env } from "../env.ts";

const DEFAULT_SEAL_AFTER_MS = 7 * 86_400_000;

/** A setting that is no whole number of milliseconds is as good as none: the default is what keeps people's privacy. */
export function sealAfterMs({ SEAL_AFTER_MS: setting }: Pick<Env, "SEAL_AFTER_MS">): number {
  return setting !== undefined && /^[0-9]{1,15}$/.test(setting) ? Number(setting) : DEFAULT_SEAL_AFTER_MS;
}
