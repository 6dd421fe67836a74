/** How the tests of schemas say what is accepted and what is refused, and where. */
import { expect } from "vitest";
import type * as v from "valibot";
import { parse } from "../../src/protocol/parse.ts";
import type { ProblemCode } from "../../src/protocol/problem.ts";

export function accepts(schema: v.GenericSchema, input: unknown, output: unknown = input): void {
  expect(parse(schema, input)).toEqual({ ok: true, value: output });
}

/** Refused for one fault alone, which is at `path`. */
export function refuses(
  schema: v.GenericSchema,
  input: unknown,
  path: string,
  message: string,
  code: ProblemCode = "invalid_request",
): void {
  const detail = `${path}: ${message}.`;
  expect(parse(schema, input)).toEqual({ ok: false, problem: { code, detail, errors: [{ path, message }] } });
}
