/**
 * Who may do what, in three steps, each as early as it can be: {@link admit} before anything is read of what was sent,
 * {@link permit} once the names in the address are known, {@link permitEntries} once those in the body are. Only a call
 * that passed all three reaches an object.
 */
import type { Access, Endpoint } from "../../protocol/endpoint.ts";
import { limits } from "../../protocol/limits.ts";
import { refuse, succeed } from "../../protocol/problem.ts";
import type { FieldError, Result } from "../../protocol/problem.ts";
import { actionsOf, ADMIN_SCOPE, scopeText } from "../../protocol/scopes.ts";
import type { Feature, ScopedAccess } from "../../protocol/scopes.ts";
import { isOriginTrusted } from "../cors.ts";
import type { Env } from "../env.ts";
import type { Texts } from "../handler.ts";
import type { ViewerRights } from "../live/viewer-rights.ts";
import { wantsSocket } from "../live/wants-live.ts";
import type { WaitUntil } from "../wait-until.ts";
import { accessMode } from "./access-mode.ts";
import { bearerToken } from "./bearer-token.ts";
import { ANYONE, STRANGER } from "./caller.ts";
import type { Caller } from "./caller.ts";

/** How the path calls the thing that a feature's scopes name, where nothing else says it. */
const NAME_PARAMS: Readonly<Record<Feature, string>> = {
  sets: "set",
  items: "tenant",
  analytics: "site",
  streams: "stream",
};
const USER_PARAM = "user";

/** Who calls, if such a caller may use the endpoint for anything at all. */
export function admit(
  request: Request,
  env: Env,
  endpoint: Endpoint,
  waitUntil: WaitUntil,
): Result<Caller> | Promise<Result<Caller>> {
  const mode = accessMode(env);
  if (mode.kind === "closed") {
    return refuse("unauthorized", `This server refuses every request until it is configured: ${mode.why}.`);
  }
  const origin = checkOrigin(request, env, endpoint, mode.kind === "open");
  if (!origin.ok) return origin;
  if (mode.kind === "open") return succeed(ANYONE);
  if (endpoint.access.kind === "public") return succeed(STRANGER);
  const token = bearerToken(request);
  if (token === undefined)
    return refuse("unauthorized", "This server takes requests with a token only, and there is none.");
  const verified = mode.verifier.verify(token, waitUntil);
  return verified instanceof Promise ? admitHolder(verified, endpoint) : admitVerified(verified, endpoint);
}

async function admitHolder(verified: Promise<Result<Caller>>, endpoint: Endpoint): Promise<Result<Caller>> {
  return admitVerified(await verified, endpoint);
}

function admitVerified(verified: Result<Caller>, { access }: Endpoint): Result<Caller> {
  if (!verified.ok) return verified;
  const { grant } = verified.value;
  if (access.kind === "admin" && !grant.isAdmin) return lacks(ADMIN_SCOPE);
  if (access.kind !== "scope") return verified;
  const missing = actionsOf(access).find((action) => !grant.coversSome(access.feature, action));
  return missing === undefined ? verified : lacks(scopeText(access.feature, missing));
}

/** Whether the caller may do what the endpoint does to what the address names. */
export function permit({ grant }: Caller, { access }: Endpoint, params: Texts, query: Texts): Result<undefined> {
  if (grant.isAdmin || access.kind !== "scope") return succeed(undefined);
  const names = namesIn(access, params, query);
  // Then `permitEntries` decides.
  if (names === undefined) return succeed(undefined);
  for (const action of actionsOf(access)) {
    if (!grant.covers(access.feature, action, names)) return lacks(scopeText(access.feature, action, names));
  }
  return succeed(undefined);
}

/** Whether the caller may do it to everything that the entries of the body name, if that is where the names are. */
export function permitEntries({ grant }: Caller, { access }: Endpoint, body: unknown): Result<undefined> {
  if (grant.isAdmin || access.kind !== "scope" || access.feature === "streams") return succeed(undefined);
  const { feature, action, namesInBody: key } = access;
  if (key === undefined) return succeed(undefined);
  const judged = new Map<string, boolean>();
  const errors: FieldError[] = [];
  for (const [index, entry] of (body as readonly Texts[]).entries()) {
    const name = String(entry[key]);
    let covered = judged.get(name);
    if (covered === undefined) judged.set(name, (covered = grant.covers(feature, action, [name])));
    if (covered) continue;
    errors.push({ path: `[${index}].${key}`, message: `needs the scope ${scopeText(feature, action, [name])}` });
    if (errors.length === limits.errorsMax) break;
  }
  const [first] = errors;
  return first === undefined
    ? succeed(undefined)
    : refuse("forbidden", `${first.path}: ${first.message}, which the token lacks.`, { errors });
}

/**
 * What the caller, who was permitted to call it, may do as a viewer on the connection that a live endpoint opens. One that
 * comes to send lines was permitted just that, and needs no right to write beside it.
 */
export function liveRights(
  { grant, expiresMs }: Caller,
  request: Request,
  env: Env,
  { access }: Endpoint,
  params: Texts,
  query: Texts,
): ViewerRights {
  const names = access.kind === "scope" ? namesIn(access, params, query) : undefined;
  if (access.kind !== "scope" || names === undefined) return { mayWrite: false, expiresMs };
  const mayWrite = grant.covers(access.feature, "write", names.slice(0, 1));
  return { mayWrite: mayWrite && isOriginTrusted(request, env), expiresMs };
}

/** What the address names, in the parts that a scope's name has; `undefined` if the names are in the body. */
function namesIn(access: ScopedAccess, params: Texts, query: Texts): readonly string[] | undefined {
  if (access.feature === "streams") {
    const stream = nameIn(params, NAME_PARAMS.streams);
    return access.action === "follow" ? [stream, nameIn(params, USER_PARAM)] : [stream];
  }
  if (access.namesInBody !== undefined) return undefined;
  if (access.name !== undefined) return [access.name];
  if (access.nameInQuery !== undefined) return [nameIn(query, access.nameInQuery)];
  return [nameIn(params, NAME_PARAMS[access.feature])];
}

function nameIn(texts: Texts, key: string): string {
  const name = texts[key];
  if (typeof name !== "string") throw new Error(`The endpoints table names no ${key} where the scope needs one`);
  return name;
}

/**
 * Browsers say which page sends a request. Any page may read an open server, but no page may write to one on the machine
 * of whoever visits it, unless it is the server's own or configured; and a server with tokens is for such pages alone,
 * which browsers see to for requests, but not for WebSockets.
 */
function checkOrigin(request: Request, env: Env, { method, access }: Endpoint, isOpen: boolean): Result<undefined> {
  const mayBeAnyPage = isRead(method, access) && (isOpen || !wantsSocket(request));
  if (mayBeAnyPage || isOriginTrusted(request, env)) return succeed(undefined);
  const what = isRead(method, access) ? "connect" : "write";
  return refuse("forbidden", `Pages of this origin may not ${what} here. CORS_ORIGINS names those that may.`);
}

/** A source's socket is asked for by a GET, and writes all the same. */
function isRead(method: string, access: Access): boolean {
  return method === "GET" && (access.kind !== "scope" || access.action === "read" || access.action === "follow");
}

function lacks(scope: string): Result<never> {
  return refuse("forbidden", `The token lacks the scope ${scope}.`);
}
