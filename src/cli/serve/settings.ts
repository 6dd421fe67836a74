/**
 * What a server is started with. The environment wins over `.dev.vars`, which wins over `wrangler.toml`, so that one
 * command line can try something out without editing a file.
 */
import { isAbsolute, resolve } from "node:path";
import { unstable_getVarsForDev, unstable_readConfig } from "wrangler";
import { Refusal } from "./refusal.ts";

/** Settings that the environment may bring in though neither file names them. */
const SETTING_NAMES = [
  "ADDRESS_REQUESTS_PER_MINUTE",
  "AUTH_MODE",
  "AUTH_SECRET",
  "AUTH_SECRET_PREVIOUS",
  "AUTH_JWKS_URL",
  "AUTH_ISSUER",
  "AUTH_AUDIENCE",
  "CORS_ORIGINS",
  "LOG_SAMPLE",
  "SEAL_AFTER_MS",
  "SOCKET_MESSAGES_PER_MINUTE",
  "TOKEN_REQUESTS_PER_MINUTE",
];

/** By the name of the binding through which the Worker sees each. Some are secrets. */
export type Settings = Readonly<Record<string, string>>;

export interface Place {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  /** An absolute path. */
  readonly dataDir: string;
}

export function readSettings(configPath: string, env: NodeJS.ProcessEnv): Settings {
  const { vars } = unstable_readConfig({ config: configPath }, { hideWarnings: true });
  const settings: Record<string, string> = {};
  for (const [name, { value }] of Object.entries(
    unstable_getVarsForDev(configPath, undefined, vars, undefined, true),
  )) {
    settings[name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  for (const name of new Set([...Object.keys(settings), ...SETTING_NAMES])) {
    const value = env[name];
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

/** @param root what a relative `WEIR_DATA` is relative to */
export function readPlace(root: string, env: NodeJS.ProcessEnv): Place {
  const port = env["PORT"] || "8787";
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Refusal(`PORT is ${JSON.stringify(port)}, which is no port: give a number from 1 to 65535.`);
  }
  const data = env["WEIR_DATA"] || ".weir";
  return {
    host: env["HOST"] || "127.0.0.1",
    port: Number(port),
    dataDir: isAbsolute(data) ? data : resolve(root, data),
  };
}
