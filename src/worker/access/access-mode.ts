/**
 * How a server decides who may call, from its settings. Fails closed: what is not set, misspelt or contradictory makes
 * a server that refuses everyone and says why.
 */
import type { Env } from "../env.ts";
import { RemoteKeys } from "./remote-keys.ts";
import { SecretKeys } from "./secret-keys.ts";
import { TokenVerifier } from "./token-verifier.ts";

export type AccessMode =
  /** Everyone may do everything. */
  | { readonly kind: "open" }
  /** Whoever has a token may do what it says. */
  | { readonly kind: "token"; readonly verifier: TokenVerifier }
  /** Nobody may do anything. */
  | { readonly kind: "closed"; readonly why: string };

/** All that it is made from. */
type AccessSettings = Pick<
  Env,
  "AUTH_MODE" | "AUTH_SECRET" | "AUTH_SECRET_PREVIOUS" | "AUTH_JWKS_URL" | "AUTH_ISSUER" | "AUTH_AUDIENCE"
>;

const SETTING_NAMES = [
  "AUTH_MODE",
  "AUTH_SECRET",
  "AUTH_SECRET_PREVIOUS",
  "AUTH_JWKS_URL",
  "AUTH_ISSUER",
  "AUTH_AUDIENCE",
] as const satisfies readonly (keyof AccessSettings)[];

const OPEN: AccessMode = { kind: "open" };

/** What it was for the settings of the last request, which are those of all requests unless a test changes them. */
let latest: { readonly settings: AccessSettings; readonly mode: AccessMode } | undefined;

/** Tokens that were found good are remembered with the mode, so they are forgotten when a setting changes. */
export function accessMode(env: AccessSettings): AccessMode {
  if (env.AUTH_MODE === "open") return OPEN;
  const known = latest;
  if (known !== undefined && SETTING_NAMES.every((name) => known.settings[name] === env[name])) return known.mode;
  const settings: AccessSettings = Object.fromEntries(SETTING_NAMES.map((name) => [name, env[name]]));
  const mode = readMode(settings);
  latest = { settings, mode };
  return mode;
}

function readMode(settings: AccessSettings): AccessMode {
  const { AUTH_MODE: mode, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = settings;
  if (mode !== "token") return closed(`AUTH_MODE must be "token" or "open"`);
  const keys = settings.AUTH_JWKS_URL === undefined ? readSecrets(settings) : readJwksUrl(settings);
  if (typeof keys === "string") return closed(keys);
  if (issuer === "" || audience === "")
    return closed("AUTH_ISSUER and AUTH_AUDIENCE must not be empty if they are set");
  return { kind: "token", verifier: new TokenVerifier({ keys, issuer, audience }) };
}

/** The keys, or what is wrong. */
function readSecrets({ AUTH_SECRET: secret, AUTH_SECRET_PREVIOUS: previous }: AccessSettings): SecretKeys | string {
  if (secret === undefined) return "AUTH_MODE is token, so AUTH_SECRET or AUTH_JWKS_URL must be set";
  if (secret === "" || previous === "") return "AUTH_SECRET and AUTH_SECRET_PREVIOUS must not be empty if they are set";
  return new SecretKeys(previous === undefined ? [secret] : [secret, previous]);
}

function readJwksUrl({ AUTH_JWKS_URL: url = "", ...others }: AccessSettings): RemoteKeys | string {
  if (others.AUTH_SECRET !== undefined || others.AUTH_SECRET_PREVIOUS !== undefined) {
    return "AUTH_JWKS_URL and AUTH_SECRET are both set, and only one of them can say whose tokens count";
  }
  if (!URL.canParse(url)) return "AUTH_JWKS_URL must be an address";
  const { protocol, hostname } = new URL(url);
  const isLocal = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
  if (protocol === "https:" || (protocol === "http:" && isLocal)) return new RemoteKeys({ url });
  return "AUTH_JWKS_URL must begin with https://, unless it is on this machine";
}

function closed(why: string): AccessMode {
  return { kind: "closed", why };
}
