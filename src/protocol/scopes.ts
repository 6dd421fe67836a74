/**
 * What a token may do: the scopes in its `scope` claim, and what each of them covers. Decides about names only; whether
 * the token counts at all is decided elsewhere.
 *
 * - `<feature>:<action>` covers every name, `<feature>:<action>:<name>` one, and with `*` as its last character all names
 *   that begin with what is before it. `admin` covers everything.
 * - Scopes are separated by spaces, so names are percent-encoded as in a path: `*` as `%2A`, a space as `%20`. Names are
 *   compared decoded, so none can be written that would be taken for another.
 * - What makes no sense covers nothing: a scope that is misspelt, or whose name was left empty, opens no door.
 */
import type { Access } from "./endpoint.ts";

export type ScopedAccess = Extract<Access, { readonly kind: "scope" }>;
export type Feature = ScopedAccess["feature"];
export type Action = ScopedAccess["action"];

/** The scope of whoever runs the server. */
export const ADMIN_SCOPE = "admin";

const ACTIONS: Readonly<Record<Feature, readonly Action[]>> = {
  sets: ["read", "write"],
  items: ["read", "write"],
  analytics: ["read", "write"],
  streams: ["source", "read", "follow", "write"],
};

/** Separates stream and user, the one case of a name with two parts. */
const PART_SEPARATOR = "/";
const WILDCARD = "*";

/** What a scope says of names. */
interface NamePattern {
  readonly parts: readonly string[];
  /** The last of `parts` is only how the name's part begins, and parts after it may be anything. */
  readonly isPrefix: boolean;
}

interface Scope {
  readonly feature: Feature;
  readonly action: Action;
  /** `undefined` covers every name. */
  readonly name: NamePattern | undefined;
}

/** All that a token, or anyone, may do. */
export class Grant {
  readonly isAdmin: boolean;
  readonly #scopes: readonly Scope[];

  /** @param claim scopes separated by spaces; those that make no sense are passed over */
  constructor(claim: string) {
    const texts = claim.split(" ");
    this.isAdmin = texts.includes(ADMIN_SCOPE);
    this.#scopes = texts.flatMap((text) => parseScope(text) ?? []);
  }

  /** @param names one, or stream and user for `follow` */
  covers(feature: Feature, action: Action, names: readonly string[]): boolean {
    if (this.isAdmin) return true;
    if (this.#scopes.some((scope) => is(scope, feature, action) && matches(scope.name, names))) return true;
    // Who may read a stream may read what any of its users is told.
    return feature === "streams" && action === "follow" && this.covers(feature, "read", names.slice(0, 1));
  }

  /** Whether there is any name for which it {@link covers} the action. */
  coversSome(feature: Feature, action: Action): boolean {
    if (this.isAdmin || this.#scopes.some((scope) => is(scope, feature, action))) return true;
    return feature === "streams" && action === "follow" && this.coversSome(feature, "read");
  }
}

/** Whether `text` is a scope that covers something. */
export function isScope(text: string): boolean {
  return text === ADMIN_SCOPE || parseScope(text) !== undefined;
}

/** The scope that covers exactly `names`, or with none of them every name. */
export function scopeText(feature: Feature, action: Action, names: readonly string[] = []): string {
  if (names.length === 0) return `${feature}:${action}`;
  return `${feature}:${action}:${names.map(encodePart).join(PART_SEPARATOR)}`;
}

/** What a caller must have the scopes for. */
export function actionsOf(access: ScopedAccess): readonly Action[] {
  return access.feature === "streams" && access.also !== undefined ? [access.action, access.also] : [access.action];
}

function parseScope(text: string): Scope | undefined {
  const [, feature = "", action = "", name] = /^([a-z]+):([a-z]+)(?::(.*))?$/s.exec(text) ?? [];
  if (!isFeature(feature)) return undefined;
  const known = ACTIONS[feature].find((each) => each === action);
  if (known === undefined) return undefined;
  if (name === undefined) return { feature, action: known, name: undefined };
  const pattern = parsePattern(name, known === "follow");
  return pattern === undefined ? undefined : { feature, action: known, name: pattern };
}

/** @param hasUser whether the name has two parts; else a separator is a character like any other */
function parsePattern(text: string, hasUser: boolean): NamePattern | undefined {
  const isPrefix = text.endsWith(WILDCARD);
  const written = isPrefix ? text.slice(0, -1) : text;
  const parts: string[] = [];
  for (const part of hasUser ? written.split(PART_SEPARATOR) : [written]) {
    const decoded = decodePart(part);
    if (decoded === undefined) return undefined;
    parts.push(decoded);
  }
  const partsMax = hasUser ? 2 : 1;
  if (parts.length > partsMax || (!isPrefix && parts.length < partsMax)) return undefined;
  const whole = isPrefix ? parts.slice(0, -1) : parts;
  return whole.includes("") ? undefined : { parts, isPrefix };
}

function isFeature(text: string): text is Feature {
  return Object.hasOwn(ACTIONS, text);
}

function is(scope: Scope, feature: Feature, action: Action): boolean {
  return scope.feature === feature && scope.action === action;
}

function matches(pattern: NamePattern | undefined, names: readonly string[]): boolean {
  if (pattern === undefined) return true;
  const { parts, isPrefix } = pattern;
  const last = parts.length - 1;
  return parts.every((part, index) => {
    const name = names[index] ?? "";
    return isPrefix && index === last ? name.startsWith(part) : name === part;
  });
}

/** More than a path needs to be encoded: a star at the end would stand for anything. */
function encodePart(part: string): string {
  return encodeURIComponent(part).replaceAll(WILDCARD, "%2A");
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
