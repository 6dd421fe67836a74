/** What a token may say that it is for: scopes that are just right, nearly, or of every other shape and length. */
import * as fc from "fast-check";
import { endpoints } from "../../../src/protocol/endpoints.ts";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { exactScopes } from "../support/sample-requests.ts";
import { hostileValue, toJson } from "./hostile-values.ts";

/** Those that the sample requests need, each once. */
const EXACT = [...new Set(Object.values<Endpoint>(endpoints).flatMap((endpoint) => exactScopes(endpoint)))];

/** What is done to a scope; some of it leaves it as good as it was. */
const changes: Readonly<Record<string, (scope: string) => string>> = {
  nothing: (scope) => scope,
  "for every name": (scope) => scope.split(":").slice(0, 2).join(":"),
  "for no name": (scope) => `${scope.split(":").slice(0, 2).join(":")}:`,
  "for a star": (scope) => `${scope.split(":").slice(0, 2).join(":")}:*`,
  "by how it begins": (scope) => `${scope.slice(0, -3)}*`,
  "by more than it has": (scope) => `${scope}*`,
  "by two stars": (scope) => `${scope}**`,
  "by a star in its middle": (scope) => scope.replace(/:([^:]*)$/, ":*$1"),
  "in small letters": (scope) => scope.replaceAll(/%../g, (code) => code.toLowerCase()),
  "in capitals": (scope) => scope.toUpperCase(),
  "encoded once more": (scope) => scope.replaceAll("%", "%25"),
  "not encoded": (scope) => scope.replaceAll("%20", "+").replaceAll("%3A", ":").replaceAll("%2F", "/"),
  "encoded badly": (scope) => scope.replace("%", "%f"),
  "of other bytes": (scope) => scope.replace(/%..$/, "%ff"),
  "of a name that goes on": (scope) => `${scope}x`,
  "with one part more": (scope) => `${scope}/x`,
  "with one colon more": (scope) => scope.replace(":", "::"),
  "to read": (scope) => scope.replace(/:(?:write|source|follow)/, ":read"),
  "to write": (scope) => scope.replace(/:(?:read|source|follow)/, ":write"),
  "of another feature": (scope) => scope.replace(/^\w+/, (feature) => (feature === "sets" ? "items" : "sets")),
  "of no feature": (scope) => scope.replace(/^\w+/, "constructor"),
  "of every feature": (scope) => scope.replace(/^\w+/, "*"),
  "that looks like it": (scope) => scope.replace("s", "\u0455"),
  "with NUL": (scope) => `${scope}\0`,
};

const ODD_WORDS = [
  "",
  "*",
  "*:*",
  "*:*:*",
  "Admin",
  "admin:",
  "admin:*",
  "admin\0",
  "ADMIN",
  ":::",
  "sets",
  "__proto__:read",
];

/** @param own scopes that matter where the token is going */
function wordsFor(own: readonly string[]): fc.Arbitrary<string> {
  const exact = fc.constantFrom(...own, ...own, ...EXACT);
  const changed = fc.tuple(exact, fc.constantFrom(...Object.values(changes))).map(([scope, change]) => change(scope));
  return fc.oneof(
    { weight: 12, arbitrary: changed },
    { weight: 6, arbitrary: own.length === 0 ? exact : fc.constantFrom(own.join(" "), ...own) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD_WORDS) },
    { weight: 1, arbitrary: fc.constant("admin") },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
    { weight: 1, arbitrary: fc.constant(`sets:read:${"a".repeat(5_000)}`) },
  );
}

const separators = fc.oneof(
  { weight: 8, arbitrary: fc.constant(" ") },
  { weight: 1, arbitrary: fc.constantFrom("  ", ",", "\t", "\n", "\u00a0", "+", ";", "\0") },
);

/** The JSON of each `scope` in a token: mostly one, and a text. */
export function scopeClaims(own: readonly string[]): fc.Arbitrary<readonly string[]> {
  const words = wordsFor(own);
  const texts = fc
    .tuple(fc.array(words, { maxLength: 6 }), separators)
    .map(([all, separator]) => JSON.stringify(all.join(separator)));
  return fc.oneof(
    { weight: 12, arbitrary: texts.map((text) => [text]) },
    { weight: 1, arbitrary: fc.tuple(texts, texts) },
    { weight: 1, arbitrary: fc.array(words, { maxLength: 4 }).map((all) => [JSON.stringify(all)]) },
    { weight: 1, arbitrary: hostileValue.map((value) => [toJson(value) || "null"]) },
    { weight: 1, arbitrary: fc.constant([JSON.stringify("admin ".repeat(2_000))]) },
    { weight: 1, arbitrary: fc.constant([]) },
  );
}
