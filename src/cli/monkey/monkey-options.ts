/** What the monkeys of one command are told to do. */
import type { ArgsDef, ParsedArgs } from "citty";
import type { Bias } from "../../client/index.ts";
import { parseDurationMs, parseNumber, parseSetName, parseUrl, refuseUnknown, serverArguments } from "../arguments.ts";

/**
 * - `normal` adds and removes at random while it is connected.
 * - `offline` works offline for stretches, comes back, and expects to converge.
 * - `viewer` only follows, and checks each digest.
 */
export type MonkeyKind = "normal" | "offline" | "viewer";

export interface MonkeyOptions {
  readonly kind: MonkeyKind;
  readonly url: URL;
  readonly set: string;
  /** Operations a second, of each monkey. */
  readonly ratePerS: number;
  /** Operations of each monkey; `Infinity` where only time ends it. */
  readonly count: number;
  readonly durationMs: number;
  /** Different elements. */
  readonly elements: number;
  readonly seed: number;
  /** Monkeys in this process. */
  readonly replicas: number;
  /** How long convergence may take in the end. */
  readonly settleMs: number;
  readonly bias: Bias;
  /** A folder where the queues outlive the process. */
  readonly queueDir: string | undefined;
  readonly json: boolean;
}

/** As many as one queue holds. */
const ELEMENTS_MAX = 25_000;
const SEED_MAX = 2 ** 32 - 1;

export const monkeyArguments = {
  ...serverArguments,
  set: { type: "string", default: "monkeys", description: "The set" },
  rate: { type: "string", default: "20", description: "Operations a second, of each monkey" },
  count: { type: "string", description: "End after so many operations of each monkey" },
  duration: { type: "string", default: "60s", description: "End after this time" },
  elements: { type: "string", default: "1000", description: "Different elements" },
  seed: { type: "string", description: "Repeats a run; by default another each time" },
  replicas: { type: "string", default: "1", description: "Monkeys in this process" },
  settle: { type: "string", default: "30s", description: "How long convergence may take in the end" },
  bias: { type: "enum", options: ["add", "remove"], default: "add", description: "As the set was created" },
  queue: { type: "string", description: "A folder where operations that wait outlive the process" },
  json: { type: "boolean", default: false, description: "Print the outcome as a line of JSON too" },
} as const satisfies ArgsDef;

export function parseMonkeyOptions(kind: MonkeyKind, args: ParsedArgs<typeof monkeyArguments>): MonkeyOptions {
  refuseUnknown(args, monkeyArguments);
  const seed = args.seed ?? String(Math.floor(Math.random() * SEED_MAX));
  return {
    kind,
    url: parseUrl(args.url),
    set: parseSetName(args.set),
    ratePerS: parseNumber("rate", args.rate, { min: 0.1, max: 10_000, whole: false }),
    count: args.count === undefined ? Infinity : parseNumber("count", args.count, { min: 1, max: 1e9 }),
    durationMs: parseDurationMs("duration", args.duration),
    elements: parseNumber("elements", args.elements, { min: 1, max: ELEMENTS_MAX }),
    seed: parseNumber("seed", seed, { min: 0, max: SEED_MAX }),
    replicas: parseNumber("replicas", args.replicas, { min: 1, max: 1_000 }),
    settleMs: parseDurationMs("settle", args.settle),
    bias: args.bias === "remove" ? "remove" : "add",
    queueDir: args.queue,
    json: args.json,
  };
}
