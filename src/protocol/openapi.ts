/** The OpenAPI 3.1 document, made from the endpoints table and the schemas in it. */
import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { ElementSetErrorSchema } from "./element-set.ts";
import { ProblemSchema } from "./problem.ts";

type Json = Record<string, unknown>;

export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [operationId, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][endpoint.method.toLowerCase()] = operation(operationId, endpoint);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Weir", version, description: "Exact, live, durable answers at the edge out of messy streams." },
    paths,
    components: { schemas: { Problem: jsonSchema(ProblemSchema), ElementSetError: jsonSchema(ElementSetErrorSchema) } },
  };
}

function operation(operationId: string, endpoint: Endpoint): Json {
  const parameters = [...parametersIn("path", endpoint.params), ...parametersIn("query", endpoint.query)];
  return {
    operationId,
    summary: endpoint.summary,
    ...(endpoint.access.kind === "scope" && { tags: [endpoint.access.feature] }),
    ...(parameters.length > 0 && { parameters }),
    ...(endpoint.body !== undefined && { requestBody: requestBody(endpoint.body) }),
    responses: responses(endpoint),
  };
}

function parametersIn(place: "path" | "query", schema: v.GenericSchema | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema);
  return Object.entries(properties as Json).map(([name, type]) => ({
    name,
    in: place,
    required: (required as string[]).includes(name),
    schema: type,
  }));
}

function requestBody(body: NonNullable<Endpoint["body"]>): Json {
  const schema = jsonSchema(body.schema);
  if (body.text === true) return { required: body.optional !== true, content: { "text/plain": { schema } } };
  return {
    required: body.optional !== true,
    content: {
      "application/json": { schema },
      ...(body.ndjson !== undefined && { "application/x-ndjson": { schema: { type: "string" } } }),
    },
  };
}

function responses(endpoint: Endpoint): Json {
  const answers: Json = {};
  for (const [status, { description, schema, types }] of Object.entries(endpoint.answers)) {
    const content: Json = {};
    if (schema !== undefined && endpoint.live !== true) content["application/json"] = { schema: jsonSchema(schema) };
    for (const type of types ?? []) content[type] = { schema: { type: "string" } };
    answers[status] = { description, ...(Object.keys(content).length > 0 && { content }) };
  }
  const [type, name] =
    endpoint.errors === undefined ? ["application/problem+json", "Problem"] : ["application/json", "ElementSetError"];
  answers["default"] = {
    description: "Refused",
    content: { [type]: { schema: { $ref: `#/components/schemas/${name}` } } },
  };
  return answers;
}

function jsonSchema(schema: v.GenericSchema): Json {
  // What JSON Schema can't say (bytes of UTF-8, well-formed text) is in the descriptions.
  const { $schema: _, ...rest } = toJsonSchema(schema, { typeMode: "input", errorMode: "ignore" });
  return rest;
}
