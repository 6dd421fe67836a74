/**
 * What a gateway is told to be, by its arguments and by the environment variables that programs of the line protocol have
 * always been set up with. What is said about the stream itself becomes its options.
 */
import type { ArgsDef, ParsedArgs } from "citty";
import { StreamIdSchema } from "../../protocol/names.ts";
import { limits } from "../../protocol/limits.ts";
import { parse } from "../../protocol/parse.ts";
import type { StreamOptionsBody } from "../../protocol/streams.ts";
import { ArgumentError, parseUrl, refuseUnknown, serverArguments } from "../arguments.ts";

export interface GatewayCommandOptions {
  readonly url: URL;
  readonly stream: string;
  readonly host: string;
  readonly sourcePort: number;
  readonly userPort: number;
  /** Those that are given. */
  readonly streamOptions: StreamOptionsBody;
}

export const gatewayArguments = {
  ...serverArguments,
  stream: { type: "string", default: "default", description: "The stream" },
  host: { type: "string", default: "127.0.0.1", description: "Where to listen" },
  "source-port": { type: "string", description: "Of event sources: 9090, or eventSourceServerPort" },
  "user-port": { type: "string", description: "Of users: 9099, or userServerPort" },
  "max-sources": { type: "string", description: "Sources of the stream at once, or maxEventSourceClients" },
  "max-users": { type: "string", description: "Users of the stream at once, or maxUserClients" },
  "event-timeout": {
    type: "string",
    description: "How long a hole blocks, in ms, or eventTimeoutMs; negative: for ever",
  },
} as const satisfies ArgsDef;

type Environment = Readonly<Record<string, string | undefined>>;
type Setting = Exclude<keyof typeof gatewayArguments, "url" | "stream" | "host">;

/** The names of settings in the environment. */
const VARIABLES: Readonly<Record<Setting, string>> = {
  "source-port": "eventSourceServerPort",
  "user-port": "userServerPort",
  "max-sources": "maxEventSourceClients",
  "max-users": "maxUserClients",
  "event-timeout": "eventTimeoutMs",
};

const PORT_MAX = 65_535;

export function parseGatewayOptions(
  args: ParsedArgs<typeof gatewayArguments>,
  environment: Environment,
): GatewayCommandOptions {
  refuseUnknown(args, gatewayArguments);
  const stream = parse(StreamIdSchema, args.stream, "--stream");
  if (!stream.ok) throw new ArgumentError(stream.problem.detail);
  const setting = (name: Setting, min: number, max: number): number | undefined =>
    parseSetting(name, args[name], environment[VARIABLES[name]], min, max);
  const sources = setting("max-sources", 1, limits.streamSourcesMax);
  const users = setting("max-users", 1, limits.streamUsersMax);
  const timeoutMs = setting("event-timeout", Number.MIN_SAFE_INTEGER, limits.eventTimeoutMsMax);
  return {
    url: parseUrl(args.url),
    stream: stream.value,
    host: args.host,
    sourcePort: setting("source-port", 0, PORT_MAX) ?? 9090,
    userPort: setting("user-port", 0, PORT_MAX) ?? 9099,
    streamOptions: {
      ...(sources !== undefined && { max_sources: sources }),
      ...(users !== undefined && { max_users: users }),
      ...(timeoutMs !== undefined && { event_timeout_ms: timeoutMs }),
    },
  };
}

/** The argument, else the variable; `undefined` where neither is given. */
function parseSetting(
  name: Setting,
  argument: string | undefined,
  variable: string | undefined,
  min: number,
  max: number,
): number | undefined {
  const text = argument ?? (variable === "" ? undefined : variable);
  if (text === undefined) return undefined;
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  const said = argument === undefined ? VARIABLES[name] : `--${name}`;
  const range = min === Number.MIN_SAFE_INTEGER ? `up to ${max}` : `from ${min} to ${max}`;
  throw new ArgumentError(`${said} must be a whole number ${range}, not ${JSON.stringify(text)}.`);
}
