/** What every refusal must look like, checked in one place. */
import * as v from "valibot";
import { expect } from "vitest";
import { ProblemSchema, problemStatus } from "../../../src/protocol/problem.ts";
import type { ProblemBody, ProblemCode } from "../../../src/protocol/problem.ts";

/** Expects a refusal whose errors name exactly `paths`. */
export async function expectProblem(
  response: Response | Promise<Response>,
  code: ProblemCode,
  ...paths: readonly string[]
): Promise<ProblemBody> {
  const refused = await response;
  const body: unknown = await refused.json();
  expect(body).toMatchObject({ code, status: problemStatus[code] });
  expect(refused.status).toBe(problemStatus[code]);
  expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = v.parse(v.strictObject(ProblemSchema.entries), body);
  expect(problem.detail).toMatch(/\.$/);
  expect(JSON.stringify(problem)).not.toMatch(/\.ts:|\n\s+at /);
  expect((problem.errors ?? []).map((error) => error.path)).toEqual(paths);
  return problem;
}
