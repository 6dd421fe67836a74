/** From the words on a command line to checked values. What is wrong is said in a sentence, and ends with exit code 2. */
import type { ArgsDef } from "citty";
import { parse } from "../protocol/parse.ts";
import { SetIdSchema } from "../protocol/names.ts";

/** The arguments are wrong; the message is for the person who typed them. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
}

/** The words of every command that talks to a server. */
export const serverArguments = {
  url: { type: "string", default: "http://127.0.0.1:8787", description: "The server" },
} as const satisfies ArgsDef;

/** The token is not an argument, for every user of a machine can see those. */
export function tokenFromEnvironment(): string | undefined {
  return process.env["WEIR_TOKEN"];
}

/** Refuses options that the command doesn't have: a misspelt one would otherwise be ignored in silence. */
export function refuseUnknown(args: Readonly<Record<string, unknown>>, definitions: ArgsDef): void {
  const positionals = Object.values(definitions).filter(({ type }) => type === "positional").length;
  refuseUnknownOptions(args, definitions);
  const extra = (args["_"] as readonly string[])[positionals];
  if (extra !== undefined) throw new ArgumentError(`There is no place for the argument ${JSON.stringify(extra)}.`);
}

/** The same for a command that takes any number of words. */
export function refuseUnknownOptions(args: Readonly<Record<string, unknown>>, definitions: ArgsDef): void {
  for (const name of Object.keys(args)) {
    // The parser gives `--user-port` as `userPort` too.
    const isKnown =
      name in definitions || name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) in definitions;
    if (name !== "_" && !isKnown) throw new ArgumentError(`There is no option --${name}.`);
  }
}

export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ArgumentError(`--url must be an address like http://127.0.0.1:8787, not ${JSON.stringify(text)}.`);
  }
  return url;
}

export function parseSetName(text: string): string {
  const name = parse(SetIdSchema, text, "--set");
  if (!name.ok) throw new ArgumentError(name.problem.detail);
  return name.value;
}

export function parseNumber(
  name: string,
  text: string,
  { min, max, whole = true }: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  throw new ArgumentError(`--${name} must be ${kind} from ${min} to ${max}, not ${JSON.stringify(text)}.`);
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** As in `500ms`, `60s`, `2m` or `1.5h`; in milliseconds. */
export function parseDurationMs(name: string, text: string, max = "24h"): number {
  const ms = durationMs(text);
  if (ms >= 1 && ms <= durationMs(max)) return ms;
  const message = `must be a time like 500ms, 60s or 2m, at most ${max}, not ${JSON.stringify(text)}`;
  throw new ArgumentError(`--${name} ${message}.`);
}

/** `NaN` if it is none. */
function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return Math.round(Number(match?.[1]) * (UNITS_MS[match?.[2] ?? ""] ?? NaN));
}
