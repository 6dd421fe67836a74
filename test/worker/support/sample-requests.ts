/**
 * A request for each endpoint of the table, made from the table: the path with its parameters filled in, the keys that the
 * query must have, and a body where one is needed. An endpoint for which that can't be done fails the test that asks.
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import { ELEMENT_SET_NAME } from "../../../src/protocol/element-set.ts";
import type { Endpoint } from "../../../src/protocol/endpoint.ts";
import { scopeText } from "../../../src/protocol/scopes.ts";
import type { Action, Feature } from "../../../src/protocol/scopes.ts";

/** What the requests are about: names with everything in them that means something in a scope. */
const NAME = "a/b:c *";
const USER = "u/*";
/** How the name begins, so that only who compares to the end can tell. */
export const SHORTER_NAME = "a/b:c";

const PARAMS: Readonly<Record<string, string>> = {
  set: NAME,
  tenant: NAME,
  stream: NAME,
  user: USER,
  element: "e",
  id: "i",
  file: "app.js",
  run: "2026-01-02T03-04-05Z",
};

const QUERY: Readonly<Record<string, string>> = {
  timestamp: "1000",
  user: "u",
  from: "0",
  to: "1",
  value: "x",
  site: NAME,
  feature: "sets",
  name: NAME,
};

const routing = { slice_ms: 3_600_000, first_slice: 0, rules: [{ from: 0, shards: 1 }] };

/** What an import begins with, and this one ends with. */
function header(feature: string, more: object) {
  return { weir: "export", version: 1, feature, name: NAME, id: "0123456789abcdef", ...more };
}

const elementSetOp = { value: "x", timestamp: 1 };

/** By the endpoint's id, where a body is needed. */
const BODIES: Readonly<Record<string, unknown>> = {
  setOps: { ops: [{ op: "add", element: "x", timestamp: 1 }] },
  itemsObserve: [{ id: "i", tenant: NAME }],
  elementSetAdd: elementSetOp,
  elementSetRemove: elementSetOp,
  elementSetBulk: [{ operation: "add", data: JSON.stringify(elementSetOp) }],
  analyticsEvents: [{ timestamp: 1, user: "u", event: "click", site: NAME }],
  analyticsRoute: routing,
  setImport: [header("sets", { options: {}, purged_ms: -1 })],
  itemsImport: [header("items", { count: 0 })],
  streamImport: [header("streams", { cursor: 0 })],
  analyticsImport: [header("analytics", { routing })],
};

/** What an endpoint needs beyond what its row demands. */
const MORE_QUERY: Readonly<Record<string, string>> = { analyticsRecord: "&click" };

export interface Sample {
  readonly path: string;
  readonly body?: string;
}

export function sampleRequest(id: string, endpoint: Endpoint): Sample {
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, param: string) => {
    const value = PARAMS[param];
    if (value === undefined) throw new Error(`${id}: no sample for the parameter ${param}`);
    return encodeURIComponent(value);
  });
  const { access, body } = endpoint;
  const keys = new Set(requiredKeys(endpoint.query));
  if (access.kind === "scope" && "nameInQuery" in access && access.nameInQuery !== undefined) {
    keys.add(access.nameInQuery);
  }
  const pairs = [...keys].map((key) => {
    if (QUERY[key] === undefined) throw new Error(`${id}: no sample for ${key} in the query`);
    return `${key}=${encodeURIComponent(QUERY[key])}`;
  });
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}${MORE_QUERY[id] ?? ""}`;
  const sample = BODIES[id];
  if (sample === undefined && body !== undefined && body.optional !== true) throw new Error(`${id}: no sample body`);
  return { path: path + search, ...(sample !== undefined && { body: JSON.stringify(sample) }) };
}

function requiredKeys(schema: Endpoint["query"]): readonly string[] {
  if (schema === undefined) return [];
  return toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" }).required ?? [];
}

/** What a scope must name for {@link sampleRequest}, or for one about other things. */
export function namesOf(endpoint: Endpoint, action: Action, name = NAME, user = USER): readonly string[] {
  const { access } = endpoint;
  if (access.kind === "scope" && "name" in access && access.name !== undefined) {
    return [name === NAME ? ELEMENT_SET_NAME : name];
  }
  return action === "follow" ? [name, user] : [name];
}

/** The actions that a caller needs scopes for; none where no scope but the admin's will do. */
export function actionsOf({ access }: Endpoint): readonly (readonly [Feature, Action])[] {
  if (access.kind !== "scope") return [];
  const also = "also" in access && access.also !== undefined ? [access.also] : [];
  return [access.action, ...also].map((action) => [access.feature, action] as const);
}

/** The scopes that are just enough for {@link sampleRequest}. */
export function exactScopes(endpoint: Endpoint): readonly string[] {
  return actionsOf(endpoint).map(([feature, action]) => scopeText(feature, action, namesOf(endpoint, action)));
}
