/** What a server says when it is up: where it is, what to try, and, if it has to, who may do what. */
import type { Server } from "./server.ts";
import type { Settings } from "./settings.ts";

/** HS256 is no stronger than its key, which should have as many bytes as the hash (RFC 7518, 3.2). */
const SECRET_BYTES_MIN = 32;

export function welcome({ url, refusal }: Pick<Server, "url" | "refusal">, host: string, settings: Settings): string {
  const lines = [`Weir is up: ${url}/`, ""];
  if (refusal !== undefined) return [...lines, `!!! It refuses every request. ${refusal}`].join("\n");
  const isOpen = settings["AUTH_MODE"] === "open";
  const token = isOpen ? "" : `-H "Authorization: Bearer $WEIR_TOKEN" `;
  lines.push(
    "Try it:",
    ...(isOpen ? [] : [tokenHint(settings)]),
    `  curl ${token}-X PUT ${url}/sets/fruit/elements/apple`,
    `  curl ${token}${url}/sets/fruit`,
    `  curl ${token}-N -H 'Accept: text/event-stream' ${url}/sets/fruit/live`,
    "",
    isOpen ? openWarning(host) : "AUTH_MODE is token: whoever calls needs one, and the page asks for it.",
  );
  if (settings["AUTH_JWKS_URL"] !== undefined && settings["AUTH_AUDIENCE"] === undefined) {
    lines.push("!!! AUTH_AUDIENCE is not set: tokens that were made for something else count here too.");
  }
  if (isWeak(settings)) {
    lines.push(
      `!!! AUTH_SECRET is short: who guesses it can make any token. openssl rand -base64 ${SECRET_BYTES_MIN} makes one.`,
    );
  }
  return lines.join("\n");
}

function isWeak({ AUTH_MODE: mode, AUTH_SECRET: secret }: Settings): boolean {
  return mode === "token" && secret !== undefined && Buffer.byteLength(secret) < SECRET_BYTES_MIN;
}

function tokenHint(settings: Settings): string {
  if (settings["AUTH_JWKS_URL"] !== undefined)
    return "  export WEIR_TOKEN=<a token with the scopes sets:read sets:write>";
  return "  export WEIR_TOKEN=$(npm run -s weir -- token sets:read sets:write)";
}

function openWarning(host: string): string {
  const loopback = host === "localhost" || host === "::1" || host.startsWith("127.");
  const who = loopback ? "any program on this machine" : "anyone who reaches this machine";
  return `!!! AUTH_MODE is open: ${who} may read, write and erase everything.`;
}
