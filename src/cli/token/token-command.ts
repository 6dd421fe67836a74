/** `weir token <scope>...`: a token for a server with the same settings. The secret comes from where the server's does. */
import { fileURLToPath } from "node:url";
import { defineCommand } from "citty";
import type { ArgsDef } from "citty";
import { isScope } from "../../protocol/scopes.ts";
import { ArgumentError, parseDurationMs, refuseUnknownOptions } from "../arguments.ts";
import type { Settings } from "../serve/settings.ts";
import { mintToken } from "./mint-token.ts";

const CONFIG_PATH = fileURLToPath(new URL("../../../wrangler.toml", import.meta.url));
const TTL_MAX = "366d";

const tokenArguments = {
  scope: { type: "positional", required: true, description: 'As in sets:read "sets:write:cart-*"; any number' },
  ttl: { type: "string", default: "1h", description: "How long it counts, as in 10m, 12h or 30d" },
  subject: { type: "string", description: "Whose it is, to be read in the token" },
} as const satisfies ArgsDef;

export const tokenCommand = defineCommand({
  meta: { description: "Make a token, signed with AUTH_SECRET of the environment or .dev.vars" },
  args: tokenArguments,
  async run({ args }) {
    refuseUnknownOptions(args, tokenArguments);
    const scopes = parseScopes(args._);
    const expiresMs = Date.now() + parseDurationMs("ttl", args.ttl, TTL_MAX);
    // Brings wrangler with it, which takes longer to load than all other commands take to start.
    const { readSettings } = await import("../serve/settings.ts");
    const settings = readSettings(CONFIG_PATH, process.env);
    const token = await mintToken({
      secret: readSecret(settings),
      scopes,
      expiresMs,
      subject: args.subject,
      issuer: settings["AUTH_ISSUER"],
      audience: settings["AUTH_AUDIENCE"],
    });
    // Alone, so that it can be put into a variable.
    console.log(token);
    console.error(`Counts until ${new Date(expiresMs).toISOString()} for ${scopes.join(", ")}.`);
  },
});

function parseScopes(words: readonly string[]): readonly string[] {
  const scopes = words.flatMap((word) => word.split(" ")).filter((word) => word !== "");
  const senseless = scopes.find((scope) => !isScope(scope));
  if (senseless === undefined) return scopes;
  const example =
    "a scope is admin, or like sets:read, items:write:acme, sets:write:cart-* with the name percent-encoded";
  throw new ArgumentError(`${JSON.stringify(senseless)} is no scope: ${example}.`);
}

function readSecret({ AUTH_SECRET: secret, AUTH_JWKS_URL: jwksUrl }: Settings): string {
  if (secret === undefined) {
    const why = jwksUrl === undefined ? "AUTH_SECRET is not set" : "With AUTH_JWKS_URL tokens are made elsewhere";
    throw new Error(`${why}. To sign tokens here, put AUTH_SECRET into .dev.vars; openssl rand -base64 32 makes one.`);
  }
  return secret;
}
