/** What any answer must be, whatever was asked: no fault of the server's, and a refusal that says what to do about it. */
import * as v from "valibot";
import { expect } from "vitest";
import { ElementSetErrorSchema } from "../../../src/protocol/element-set.ts";
import { ProblemSchema, problemStatus } from "../../../src/protocol/problem.ts";

const StrictProblemSchema = v.strictObject(ProblemSchema.entries);

/** Expects that a refusal is a problem of a known code, which names the field if the request was wrong. */
export function expectProblemBody(body: unknown, status: number): void {
  const problem = v.parse(StrictProblemSchema, body);
  expect(problem.status).toBe(status);
  expect(problemStatus[problem.code]).toBe(status);
  expect(problem.detail).toMatch(/\.$/);
  expect(JSON.stringify(problem)).not.toMatch(/\.ts:|\n\s+at /);
  for (const { path, message } of problem.errors ?? []) expect([path, message]).not.toContain("");
  if (problem.code === "invalid_request") expect(problem.errors?.length).toBeGreaterThan(0);
}

/** @param isCompatible of the element-set protocol, whose errors are others */
export function expectFairRefusal(response: Response, text: string, isCompatible: boolean, hasBody: boolean): void {
  const { status, headers } = response;
  if (status >= 500) {
    expect([status, text]).toEqual([503, text]);
    expect(headers.get("Retry-After")).toMatch(/^\d+$/);
  }
  const type = headers.get("Content-Type") ?? "";
  if (isCompatible && type === "application/json") {
    if (hasBody) v.parse(v.strictObject(ElementSetErrorSchema.entries), JSON.parse(text));
    return;
  }
  expect(type).toBe("application/problem+json");
  if (hasBody) expectProblemBody(JSON.parse(text), status);
}
