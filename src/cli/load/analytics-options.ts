/** What a load of analytics is told to be. */
import type { ArgsDef, ParsedArgs } from "citty";
import { SHARDS_MAX } from "../../core/analytics/routing.ts";
import { parseNumber, parseUrl, refuseUnknown, serverArguments } from "../arguments.ts";
import { parseSendingOptions } from "./sending-options.ts";
import type { SendingOptions } from "./sending-options.ts";

export interface AnalyticsLoadOptions extends SendingOptions {
  readonly url: URL;
  readonly users: number;
  readonly events: number;
  /** The share of events that are of earlier slices. */
  readonly late: number;
  /** How many shards the slices are to have; 0 takes them as they are. */
  readonly shards: number;
  /** Events a second; 0 is as many as possible. */
  readonly rate: number;
}

/** What was sent is held in memory, to be compared in the end. */
const EVENTS_MAX = 100_000_000;

export const analyticsLoadArguments = {
  ...serverArguments,
  users: { type: "string", default: "1000", description: "Different users" },
  events: { type: "string", default: "100000", description: "Events, each of a user of chance" },
  late: { type: "string", default: "0.05", description: "Share of events that are of earlier slices" },
  shards: { type: "string", default: "0", description: "Adds a routing rule with so many shards, for slices to come" },
  rate: { type: "string", default: "0", description: "Events a second; 0 is as many as possible" },
  cut: { type: "string", default: "0", description: "Share of requests whose answer is cut off" },
  batch: { type: "string", default: "1000", description: "Events in a request" },
  senders: { type: "string", default: "4", description: "Requests under way at the same time" },
  seed: { type: "string", description: "Repeats a run, on the same site; by default another each time" },
  json: { type: "boolean", default: false, description: "Print the outcome as a line of JSON too" },
} as const satisfies ArgsDef;

export function parseAnalyticsLoadOptions(args: ParsedArgs<typeof analyticsLoadArguments>): AnalyticsLoadOptions {
  refuseUnknown(args, analyticsLoadArguments);
  return {
    url: parseUrl(args.url),
    users: parseNumber("users", args.users, { min: 1, max: 10_000_000 }),
    events: parseNumber("events", args.events, { min: 1, max: EVENTS_MAX }),
    late: parseNumber("late", args.late, { min: 0, max: 1, whole: false }),
    shards: parseNumber("shards", args.shards, { min: 0, max: SHARDS_MAX }),
    rate: parseNumber("rate", args.rate, { min: 0, max: 10_000_000 }),
    ...parseSendingOptions(args),
  };
}
