/** What a maze is told to be. */
import type { ArgsDef, ParsedArgs } from "citty";
import { parseDurationMs, parseNumber, refuseUnknown } from "../arguments.ts";
import type { MazePlanOptions } from "./maze-plan.ts";

export interface MazeOptions extends MazePlanOptions {
  readonly host: string;
  readonly sourcePort: number;
  readonly userPort: number;
  /** How long nothing may come before what is missing counts as lost. */
  readonly settleMs: number;
  /** How long to wait in the end for what should not come. */
  readonly quietMs: number;
  readonly json: boolean;
}

const SEED_MAX = 2 ** 32 - 1;
/** Everything that will be told is held in memory, to be compared. */
const EVENTS_MAX = 10_000_000;

export const mazeArguments = {
  host: { type: "string", default: "127.0.0.1", description: "Where the line protocol is spoken" },
  "source-port": { type: "string", default: "9090", description: "Of the event source" },
  "user-port": { type: "string", default: "9099", description: "Of the users" },
  events: { type: "string", default: "100000", description: "Events" },
  users: { type: "string", default: "100", description: "Users that events are about" },
  connected: { type: "string", default: "1", description: "Share of the users that connect" },
  late: { type: "string", default: "0", description: "Share of those that connect when events flow already" },
  batch: { type: "string", default: "100", description: "Events that are shuffled, and sent in one piece" },
  gaps: { type: "string", default: "0", description: "Share of the events that is never sent" },
  duplicates: { type: "string", default: "0", description: "Share of the events that is sent twice" },
  malformed: { type: "string", default: "0", description: "Lines that are no events, as a share of the events" },
  names: { type: "enum", options: ["numbers", "texts"], default: "numbers", description: "How users are called" },
  crlf: { type: "boolean", default: false, description: "End lines that are sent in CRLF" },
  settle: { type: "string", default: "30s", description: "How long nothing may come before lines count as lost" },
  quiet: { type: "string", default: "1s", description: "How long to wait for lines that should not come" },
  seed: { type: "string", description: "Repeats a run; by default another each time" },
  json: { type: "boolean", default: false, description: "Print the outcome as a line of JSON too" },
} as const satisfies ArgsDef;

export function parseMazeOptions(args: ParsedArgs<typeof mazeArguments>): MazeOptions {
  refuseUnknown(args, mazeArguments);
  const share = (name: "connected" | "late" | "gaps" | "duplicates" | "malformed", max = 1): number =>
    parseNumber(name, args[name], { min: 0, max, whole: false });
  const seed = args.seed ?? String(Math.floor(Math.random() * SEED_MAX));
  const events = parseNumber("events", args.events, { min: 1, max: EVENTS_MAX });
  return {
    host: args.host,
    sourcePort: parseNumber("source-port", args["source-port"], { min: 1, max: 65_535 }),
    userPort: parseNumber("user-port", args["user-port"], { min: 1, max: 65_535 }),
    events,
    users: parseNumber("users", args.users, { min: 1, max: 10_000 }),
    connected: share("connected"),
    late: share("late"),
    batch: parseNumber("batch", args.batch, { min: 1, max: 1_000_000 }),
    gaps: share("gaps", 0.5),
    duplicates: share("duplicates"),
    malformed: share("malformed"),
    naming: args.names === "texts" ? "texts" : "numbers",
    lineEnd: args.crlf ? "\r\n" : "\n",
    settleMs: parseDurationMs("settle", args.settle),
    quietMs: parseDurationMs("quiet", args.quiet),
    seed: parseNumber("seed", seed, { min: 0, max: SEED_MAX }),
    json: args.json,
  };
}
