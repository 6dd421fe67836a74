/** What a load of items is told to be. */
import type { ArgsDef, ParsedArgs } from "citty";
import { parseNumber, parseUrl, refuseUnknown, serverArguments } from "../arguments.ts";
import { parseSendingOptions } from "./sending-options.ts";
import type { SendingOptions } from "./sending-options.ts";

export interface ItemLoadOptions extends SendingOptions {
  readonly url: URL;
  readonly tenants: number;
  /** Different items, over all tenants. */
  readonly items: number;
  /** How often each is reported. */
  readonly repeat: number;
}

/** What is reported is held in memory, to be compared in the end. */
const REPORTS_MAX = 100_000_000;

export const itemLoadArguments = {
  ...serverArguments,
  tenants: { type: "string", default: "50", description: "Tenants" },
  items: { type: "string", default: "100000", description: "Different items, over all tenants" },
  repeat: { type: "string", default: "3", description: "How often each is reported" },
  cut: { type: "string", default: "0", description: "Share of requests whose answer is cut off" },
  batch: { type: "string", default: "1000", description: "Items in a report" },
  senders: { type: "string", default: "8", description: "Reports under way at the same time" },
  seed: { type: "string", description: "Repeats a run, on the same tenants; by default another each time" },
  json: { type: "boolean", default: false, description: "Print the outcome as a line of JSON too" },
} as const satisfies ArgsDef;

export function parseItemLoadOptions(args: ParsedArgs<typeof itemLoadArguments>): ItemLoadOptions {
  refuseUnknown(args, itemLoadArguments);
  const repeat = parseNumber("repeat", args.repeat, { min: 1, max: 100 });
  return {
    url: parseUrl(args.url),
    tenants: parseNumber("tenants", args.tenants, { min: 1, max: 10_000 }),
    items: parseNumber("items", args.items, { min: 1, max: Math.floor(REPORTS_MAX / repeat) }),
    repeat,
    ...parseSendingOptions(args),
  };
}
