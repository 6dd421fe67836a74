/** The endpoints table and the document made from it: whole, consistent, and not changed unnoticed. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import { limits } from "../../src/protocol/limits.ts";
import { openApiDocument } from "../../src/protocol/openapi.ts";

/** Changing the protocol must be additive. If this one is: update the hash and docs/protocol.md together. */
const DOCUMENT_SHA256 = "41d04f5613e73081dba99b9854c1e70b74c90f909e21e8d3f66ce29bb22cae05";

type Json = Readonly<Record<string, unknown>>;

const document = openApiDocument("0");
const table = Object.entries<Endpoint>(endpoints);
const operations = Object.entries(document["paths"] as Record<string, Json>).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as Json })),
);

function namesInPath(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}|:(\w+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** Every object anywhere within `value`. */
function* objectsIn(value: unknown): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const part of Object.values(value)) yield* objectsIn(part);
}

describe("the endpoints table", () => {
  test("[R5] has every method and path once", () => {
    const routes = table.map(([, { method, path }]) => `${method} ${path.replaceAll(/:\w+/g, ":")}`);
    expect(new Set(routes).size).toBe(routes.length);
  });

  test.each(table)("[R4] %s names the parameters of its path, and only those", (_, { path, params }) => {
    const entries = (params as { readonly entries?: object } | undefined)?.entries ?? {};
    expect(Object.keys(entries).toSorted()).toEqual([...namesInPath(path)].toSorted());
  });

  test.each(table)("[R5] %s says what it answers", (_, { method, answers, body }) => {
    expect(Object.keys(answers).length).toBeGreaterThan(0);
    for (const status of Object.keys(answers)) expect(Number(status)).toBeLessThan(400);
    if (method === "GET") expect(body).toBeUndefined();
  });
});

describe("the OpenAPI document", () => {
  test("[R5] changes by addition only, with its documentation", () => {
    const hash = createHash("sha256").update(JSON.stringify(document)).digest("hex");
    expect(
      hash,
      "The protocol changed. That must be additive: then update the hash here and docs/protocol.md together.",
    ).toBe(DOCUMENT_SHA256);
  });

  test("[R5] is plain JSON of version 3.1", () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(document["openapi"]).toMatch(/^3\.1\.\d+$/);
    expect(document["info"]).toMatchObject({ title: "Weir", version: "0" });
  });

  test("[R5] has each endpoint of the table, by its id", () => {
    const ids = operations.map(({ operation }) => String(operation["operationId"]));
    expect([...ids].toSorted()).toEqual(Object.keys(endpoints).toSorted());
    for (const { path } of operations) expect(path).toMatch(/^\/[^:]*$/);
  });

  test.each(operations)("[R5] $method $path is a well-formed operation", ({ path, method, operation }) => {
    const parameters = (operation["parameters"] ?? []) as Json[];
    const keys = parameters.map((parameter) => `${String(parameter["in"])} ${String(parameter["name"])}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const parameter of parameters) {
      expect(["path", "query"]).toContain(parameter["in"]);
      expect(parameter["schema"]).toBeTypeOf("object");
      if (parameter["in"] === "path") expect(parameter["required"]).toBe(true);
    }
    const inPath = parameters.filter((parameter) => parameter["in"] === "path").map((parameter) => parameter["name"]);
    expect(inPath).toEqual(namesInPath(path));
    if (method === "get") expect(operation["requestBody"]).toBeUndefined();
    for (const part of [operation["requestBody"], ...Object.values(operation["responses"] as Json)]) {
      for (const media of Object.values((part as Json | undefined)?.["content"] ?? {})) {
        expect((media as Json)["schema"]).toBeTypeOf("object");
      }
    }
    for (const [status, response] of Object.entries(operation["responses"] as Json)) {
      expect(status).toMatch(/^(default|[1-5]\d\d)$/);
      expect((response as Json)["description"]).toBeTypeOf("string");
    }
  });

  test("[R5] says for each operation which scopes it takes, if any", () => {
    const security = Object.fromEntries(
      operations.map(({ operation }) => [operation["operationId"], operation["security"]]),
    );
    expect(security).toMatchObject({
      health: [],
      setOps: [{}, { token: ["sets:write"] }],
      analyticsRoute: [{}, { token: ["admin"] }],
    });
    for (const [id, { access }] of table) expect(security[id]).toHaveLength(access.kind === "public" ? 0 : 2);
    expect(document["components"]).toMatchObject({ securitySchemes: { token: { type: "http", scheme: "bearer" } } });
  });

  test("[R5] refers only to what it holds", () => {
    const references = [...objectsIn(document)].flatMap(({ $ref }) => (typeof $ref === "string" ? [$ref] : []));
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      const keys = reference.replace(/^#\//, "").split("/");
      expect(
        keys.reduce<unknown>((value, key) => (value as Json)[key], document),
        reference,
      ).toBeTypeOf("object");
    }
  });

  test("[R3] tells the bounds of a batch and the shape of its entries", () => {
    const ops = [...objectsIn(document)].find((object) => object["maxItems"] === limits.batchEntriesMax);
    expect(ops).toMatchObject({ type: "array", items: { type: "object", required: ["op", "element"] } });
  });
});
