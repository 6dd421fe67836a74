/**
 * The log: one line of JSON for each entry. Nothing that names a user, a set, an element, a tenant, an item or a token may be
 * put into it, so no path, no query and no `detail` of a problem.
 *
 * What callers can bring about as often as they like is bounded, since a line costs a third of a small request. What was left
 * out is counted, and the next line says how much it was. Faults of our own are always written.
 */
import { LineBudget } from "./operations/line-budget.ts";
import { countSuppressed } from "./operations/metrics.ts";

export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** The share of successes that is logged unless `LOG_SAMPLE` says otherwise. */
const SAMPLE_DEFAULT = 0.01;

const budget = new LineBudget();

/** Something went as it should. Whoever logs it sees to it that there are few. */
export function logInfo(fields: LogFields): void {
  write({ level: "info", ...fields });
}

/** Callers brought it about: something was refused, say, or erased. */
export function logBounded(level: "info" | "warn", fields: LogFields): void {
  const leftOut = budget.take(Date.now());
  if (leftOut === undefined) return countSuppressed();
  write({ level, ...fields, suppressed: leftOut || undefined });
}

/** Something that should not have happened. */
export function logError(error: unknown, fields: LogFields = {}): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  // oxlint-disable-next-line no-console -- the runtime's log is its console
  console.error(JSON.stringify({ level: "error", ...fields, message, stack }));
}

/** What was made of the last setting, which is the same for all requests but those of tests. */
let latest: { readonly setting: string | undefined; readonly share: number } = {
  setting: undefined,
  share: SAMPLE_DEFAULT,
};

/** The share of successes to log, from 0 to 1; what makes no sense counts as not set. */
export function logShare(setting: string | undefined): number {
  if (setting !== latest.setting) latest = { setting, share: parseShare(setting) };
  return latest.share;
}

function parseShare(setting: string | undefined): number {
  const share = setting === "" ? NaN : Number(setting);
  return share >= 0 && share <= 1 ? share : SAMPLE_DEFAULT;
}

function write(fields: LogFields): void {
  // oxlint-disable-next-line no-console -- the runtime's log is its console
  console.log(JSON.stringify(fields));
}
